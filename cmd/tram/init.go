package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"tram/internal/care/site"
	"tram/internal/clinic"
	"tram/internal/duty"
	"tram/internal/id"
	"tram/internal/rulebook"
	"tram/internal/sitedir"
	"tram/internal/unit"
	"tram/internal/words"
)

type initCmd struct {
	Data       string   `required:"" help:"Directory of the new site; empty or absent."`
	Site       string   `required:"" help:"Short code in capitals, such as TG; part of every patient code."`
	Name       string   `required:"" help:"Name of the site, as on its papers."`
	Programme  string   `required:"" help:"Name of the programme."`
	Rules      string   `default:"vn" help:"Rule set: vn, who or au."`
	Zone       string   `default:"Asia/Ho_Chi_Minh" help:"Time zone of the site."`
	Language   string   `default:"vi" enum:"vi,en" help:"First language of the site's pages."`
	Manager    string   `help:"Name of the first person; asked when absent."`
	Duties     []string `default:"manager,dispenser" help:"Duties of the first person."`
	Set        []string `help:"A number the rule set leaves open, as key=value in the key's unit. May be repeated."`
	NoPassword bool     `name:"unprotected" help:"No passphrase: anyone with the directory can read it. Only for trying out."`
}

// Run founds the site. The passphrase comes from TRAM_PASSPHRASE and the PIN
// from TRAM_PIN, or both are asked.
func (c *initCmd) Run(ctx context.Context) error {
	in := bufio.NewReader(os.Stdin)
	var pass string
	var err error
	if !c.NoPassword {
		if pass, err = answer(in, "TRAM_PASSPHRASE", "Passphrase that unlocks the site (at least 12 characters; write it down in the safe): "); err != nil {
			return err
		}
		if len([]rune(pass)) < 12 {
			return fmt.Errorf("the passphrase needs at least 12 characters; nothing was made")
		}
	}
	if c.Manager == "" {
		if c.Manager, err = answer(in, "", "Name of the first person: "); err != nil {
			return err
		}
	}
	pin, err := answer(in, "TRAM_PIN", "PIN of "+c.Manager+", six digits: ")
	if err != nil {
		return err
	}
	numbers, open, err := c.numbers(in)
	if err != nil {
		return err
	}
	f := clinic.Founding{
		Site: site.Founded{
			Site: id.Site(c.Site), Name: c.Name, Programme: c.Programme, Rules: c.Rules, Zone: c.Zone, Language: c.Language,
		},
		Manager: c.Manager, PIN: pin, Numbers: numbers,
	}
	for _, d := range c.Duties {
		f.Duties = append(f.Duties, duty.Duty(d))
	}
	shares, _, err := sitedir.Create(ctx, c.Data, f, sitedir.Options{Passphrase: pass})
	if err != nil {
		return err
	}
	fmt.Printf("%s is founded in %s.\n\nRecovery shares, any two open the database. Print each on its own sheet, keep one in the site's safe, one at the main clinic, one at the programme:\n", c.Name, c.Data)
	for _, s := range shares {
		fmt.Println("  " + s)
	}
	for _, q := range open {
		fmt.Printf("Not set: %s. It stays unknown, and the program asks, until someone sets it on the page of rules.\n", q)
	}
	fmt.Printf("\nStart it with: tram serve --data %s\n", c.Data)
	return nil
}

// numbers are the programme's answers to what the rule set leaves open: from
// the flags, then asked one by one where someone is at the keyboard.
func (c *initCmd) numbers(in *bufio.Reader) (asks []rulebook.Confirm, open []string, err error) {
	given := map[string]int64{}
	for _, kv := range c.Set {
		k, v, ok := strings.Cut(kv, "=")
		n, perr := strconv.ParseInt(v, 10, 64)
		if !ok || perr != nil {
			return nil, nil, fmt.Errorf("--set %s: want key=whole number, in the unit the key names", kv)
		}
		given[k] = n
	}
	set, err := rulebook.Load(c.Rules)
	if err != nil {
		return nil, nil, fmt.Errorf("rule set %q: %w; there are: %s", c.Rules, err, strings.Join(rulebook.IDs(), ", "))
	}
	book, err := rulebook.Effective(set, nil)
	if err != nil {
		return nil, nil, err
	}
	cat, err := words.Load()
	if err != nil {
		return nil, nil, err
	}
	p := cat.For("en")
	for _, q := range book.Unanswered() {
		if q.Table || given[q.Key] != 0 {
			continue
		}
		text, err := ask(in, fmt.Sprintf("%s (%s), Enter to leave it unknown: ", p.T(q.Words), shownUnit(q.Unit)))
		if err != nil {
			return nil, nil, err
		}
		n, err := number(q.Unit, text)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w; nothing was made", q.Key, err)
		}
		if n == 0 {
			open = append(open, p.T(q.Words))
			continue
		}
		given[q.Key] = n
	}
	for _, r := range book.Rules() {
		if n, ok := given[r.Key]; ok {
			asks = append(asks, rulebook.Confirm{Key: r.Key, Value: &n, Reason: "set when the site was founded"})
			delete(given, r.Key)
		}
	}
	for k := range given {
		return nil, nil, fmt.Errorf("--set %s: the rule set has no such number", k)
	}
	return asks, open, nil
}

// number reads an answer in the unit people use: mg, mL, or whole numbers.
func number(u, text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	switch u {
	case "ug":
		v, err := unit.ParseMg(text)
		return int64(v), err
	case "ul":
		v, err := unit.ParseML(text)
		return int64(v), err
	}
	return strconv.ParseInt(text, 10, 64)
}

func shownUnit(u string) string {
	switch u {
	case "ug":
		return "mg"
	case "ul":
		return "mL"
	}
	return u
}

// answer takes a value from the environment, or asks for it and insists.
func answer(in *bufio.Reader, env, question string) (string, error) {
	if v := os.Getenv(env); env != "" && v != "" {
		return v, nil
	}
	v, err := ask(in, question)
	if err == nil && v == "" {
		err = fmt.Errorf("an answer is needed; nothing was made")
	}
	return v, err
}

// ask asks at the terminal; without one the answer is empty.
func ask(in *bufio.Reader, question string) (string, error) {
	info, err := os.Stdin.Stat()
	if err != nil || (info.Mode()&os.ModeCharDevice == 0 && in.Buffered() == 0 && info.Mode()&os.ModeNamedPipe == 0) {
		return "", nil
	}
	fmt.Print(question)
	text, err := in.ReadString('\n')
	if err != nil && err != io.EOF {
		return "", fmt.Errorf("read the answer: %w", err)
	}
	return strings.TrimSpace(text), nil
}
