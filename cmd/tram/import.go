package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strings"

	"tram/internal/access"
	"tram/internal/clinic"
	"tram/internal/duty"
	"tram/internal/intake"
	"tram/internal/sitedir"
	"tram/internal/unit"
	"tram/internal/words"
)

type importCmd struct {
	Data     string   `required:"" help:"Directory of the site."`
	DryRun   bool     `help:"Read and check only; write nothing."`
	GoodOnly bool     `help:"Import the good rows although there are bad ones."`
	Register bool     `name:"register-unknown" help:"Put patients on the register of whom the files hold only a code."`
	Dates    string   `enum:"dmy,mdy,ymd," default:"" help:"Order of day, month and year, when the file can be read in two ways."`
	Kind     string   `enum:"patients,orders,doses," default:"" help:"What the rows are, when the columns do not tell."`
	Unit     string   `enum:"mg,ml," default:"" help:"Unit of an amounts column that names none."`
	Strength string   `help:"Strength of the liquid in mg/mL, for amounts in mL."`
	Encoding string   `default:"" help:"Encoding of a CSV that is not UTF-8: windows-1258."`
	Sheet    string   `help:"Sheet of a workbook."`
	By       string   `help:"Name of the person who imports (a manager); needed unless --dry-run."`
	Lang     string   `default:"en" enum:"en,vi" help:"Language of the report."`
	Files    []string `arg:"" type:"existingfile" help:"CSV or XLSX files."`
}

// badShown is how many bad rows the terminal lists; the page lists all.
const badShown = 40

// Run reads, previews and imports. Files are read in the order given, so that
// patients come before their orders and doses.
func (c *importCmd) Run(ctx context.Context) error {
	pass, err := passphrase(c.Data)
	if err != nil {
		return err
	}
	s, err := sitedir.Open(ctx, c.Data, sitedir.Options{Passphrase: pass})
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	cat, err := words.Load()
	if err != nil {
		return err
	}
	p := cat.For(c.Lang).In(s.Zone())
	files, err := c.read(ctx, s.Clinic)
	if err != nil {
		return err
	}
	stops := 0
	for i, f := range files {
		report(p, c.Files[i], f)
		stops += len(f.Stops)
	}
	if c.DryRun || stops > 0 {
		if stops > 0 {
			return fmt.Errorf("nothing was imported: answer what is asked above and try again")
		}
		return nil
	}
	by, pin, err := manager(s.Clinic, bufio.NewReader(os.Stdin), c.By)
	if err != nil {
		return err
	}
	done, err := s.Import(ctx, by, s.NewForm(), clinic.Import{Files: files, GoodOnly: c.GoodOnly, RegisterUnknown: c.Register, PIN: pin})
	if err != nil {
		return err
	}
	fmt.Printf("Imported: %d patients, %d orders (they wait for a physician's signature), %d past doses. On record already: %d rows. Left out: %d bad rows.\n",
		done.Patients, done.Orders, done.Doses, done.Known, done.Left)
	return nil
}

func (c *importCmd) read(ctx context.Context, s *clinic.Clinic) ([]intake.File, error) {
	known, err := s.KnownCodes(ctx)
	if err != nil {
		return nil, err
	}
	o := intake.Options{Kind: intake.Kind(c.Kind), Dates: intake.Layout(c.Dates), Encoding: intake.Encoding(c.Encoding), Sheet: c.Sheet, Unit: c.Unit, Today: s.Today()}
	if c.Strength != "" {
		mg, err := unit.ParseMg(c.Strength)
		if err != nil {
			return nil, fmt.Errorf("--strength %s: %w", c.Strength, err)
		}
		o.Strength = unit.Strength(mg)
	}
	here := map[string]bool{} // codes of patients in files read before
	o.Known = func(code string) bool { return c.Register || known(code) || here[intake.Key(code)] }
	var files []intake.File
	for _, path := range c.Files {
		f, err := readFile(path, o)
		if err != nil {
			return nil, err
		}
		for _, r := range f.Patients {
			here[intake.Key(r.Code)] = true
		}
		files = append(files, f)
	}
	return files, nil
}

func readFile(path string, o intake.Options) (intake.File, error) {
	r, err := os.Open(path)
	if err != nil {
		return intake.File{}, fmt.Errorf("open the file: %w", err)
	}
	defer func() { _ = r.Close() }()
	return intake.Read(r, o)
}

// report prints what a file holds and everything wrong with it.
func report(p *words.Printer, path string, f intake.File) {
	fmt.Printf("%s: %s, %d rows, %d good, %d bad. SHA-256 %s\n", path, f.Kind, f.Total, f.Len(), len(f.Bad), f.Hash)
	for _, x := range f.Stops {
		fmt.Println("  STOP  " + problem(p, x))
	}
	for _, col := range f.Columns {
		if !col.Used {
			fmt.Printf("  column %q is not imported\n", col.Header)
		}
	}
	for i, b := range f.Bad {
		if i == badShown {
			fmt.Printf("  … and %d more bad rows\n", len(f.Bad)-badShown)
			break
		}
		for _, x := range b.Problems {
			fmt.Println("  bad   " + problem(p, x))
		}
	}
	for i, x := range f.Doubts {
		if i == badShown {
			fmt.Printf("  … and %d more to look at\n", len(f.Doubts)-badShown)
			break
		}
		fmt.Println("  look  " + problem(p, x))
	}
}

func problem(p *words.Printer, x intake.Problem) string {
	where := ""
	if x.Line > 0 {
		where = fmt.Sprintf("line %d ", x.Line)
	}
	if x.Column != "" {
		where += "[" + x.Column + "] "
	}
	key := "intake.problem." + string(x.Code)
	text := string(x.Code)
	if !p.Missing(key) {
		text = p.T(key, "column", x.Column, "value", x.Value, "line", x.Line, "other", x.Other)
	}
	if x.Value != "" {
		text += " (" + x.Value + ")"
	}
	return where + text
}

// manager finds the manager by name and asks for the PIN.
func manager(s *clinic.Clinic, in *bufio.Reader, name string) (access.Actor, string, error) {
	var found access.Actor
	for _, m := range s.People() {
		if !m.Left && duty.Has(m.Duties, duty.Manager) && (name == "" || strings.EqualFold(m.Name, name)) {
			if found.Person != "" {
				return found, "", fmt.Errorf("several managers work here: name one with --by")
			}
			found = access.Actor{Person: m.Person, Duties: m.Duties, Station: "terminal"}
		}
	}
	if found.Person == "" {
		return found, "", fmt.Errorf("no manager of that name works here; nothing was done")
	}
	pin, err := answer(in, "TRAM_PIN", "PIN: ")
	return found, pin, err
}
