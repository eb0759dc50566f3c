package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"tram/internal/care/programme"
	"tram/internal/hub"
	"tram/internal/id"
	"tram/internal/keys"
	"tram/internal/sitesync"
	"tram/internal/sitesync/wire"
	"tram/internal/web/hubweb"
)

type hubCmd struct {
	Run      hubRunCmd      `cmd:"" default:"withargs" help:"Run the hub."`
	Init     hubInitCmd     `cmd:"" help:"Make a new hub: keys, its journal, first manager."`
	Code     hubCodeCmd     `cmd:"" help:"Make a code by which one site may ask to join, good for an hour."`
	Requests hubRequestsCmd `cmd:"" help:"List the sites that ask to join."`
	Approve  hubApproveCmd  `cmd:"" help:"Let a site take part."`
	Refuse   hubRefuseCmd   `cmd:"" help:"Turn a site away."`
	LetIn    hubLetInCmd    `cmd:"" name:"let-in" help:"Give one of the hub's people a one-time code for a new password."`
}

type hubInitCmd struct {
	Data       string `required:"" help:"Directory of the new hub; empty or absent."`
	Programme  string `required:"" help:"Name of the programme, the same as its sites were founded with."`
	Name       string `help:"Name of the programme in full; by default the same."`
	Rules      string `default:"vn" help:"Rule set: vn, who or au."`
	Zone       string `default:"Asia/Ho_Chi_Minh" help:"Time zone."`
	Manager    string `help:"Name of the first person; asked when absent."`
	NoPassword bool   `name:"unprotected" help:"No passphrase: anyone with the directory can read it. Only for trying out."`
}

// Run makes the hub. The passphrase comes from TRAM_PASSPHRASE and the first
// person's password from TRAM_PASSWORD, or both are asked.
func (c *hubInitCmd) Run() error {
	in := bufio.NewReader(os.Stdin)
	o := hub.Options{Dir: c.Data}
	var err error
	if !c.NoPassword {
		if o.Passphrase, err = answer(in, "TRAM_PASSPHRASE", "Passphrase that unlocks the hub (at least 12 characters; write it down in the safe): "); err != nil {
			return err
		}
		if len([]rune(o.Passphrase)) < 12 {
			return errors.New("the passphrase needs at least 12 characters; nothing was made")
		}
	}
	if c.Manager == "" {
		if c.Manager, err = answer(in, "", "Name of the first person: "); err != nil {
			return err
		}
	}
	password, err := answer(in, "TRAM_PASSWORD", "Password of "+c.Manager+", at least 15 characters: ")
	if err != nil {
		return err
	}
	f := hub.Founding{Programme: c.Programme, Name: c.Name, Rules: c.Rules, Zone: c.Zone, Manager: c.Manager, Password: password}
	if f.Name == "" {
		f.Name = c.Programme
	}
	shares, _, err := hub.Create(o, f)
	if err != nil {
		return err
	}
	fmt.Printf("The hub of %s is made in %s.\n\nRecovery shares, any two open it. Print each on its own sheet and keep them apart:\n", c.Programme, c.Data)
	for _, s := range shares {
		fmt.Println("  " + s)
	}
	fmt.Printf("\nStart it with: tram hub --data %s --listen :8444 --host ADDRESS\n", c.Data)
	return nil
}

type hubRunCmd struct {
	Data     string   `required:"" help:"Directory of the hub."`
	Listen   string   `default:":8444" help:"Address: one port for sync, joining and pages, over TLS."`
	Host     []string `help:"Names or addresses under which sites reach this hub; the first goes into codes."`
	Postgres string   `help:"Address of a PostgreSQL database; without it the hub keeps its own file." env:"TRAM_POSTGRES"`
	NATS     string   `name:"nats" help:"Addresses of a NATS cluster with JetStream, each with ?leaf=PORT, over tls:// unless it is on this machine; without it the transport runs in this program." env:"TRAM_NATS"`
	NATSCA   string   `name:"nats-ca" type:"existingfile" help:"Certificates that vouch for the cluster, in PEM; without it those of this machine."`
}

// Run runs the hub until it is told to stop.
func (c *hubRunCmd) Run(ctx context.Context) error {
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	pass, err := hubPassphrase(c.Data)
	if err != nil {
		return err
	}
	roots, err := certificates(c.NATSCA)
	if err != nil {
		return err
	}
	h, err := hub.Open(ctx, hub.Options{Dir: c.Data, Passphrase: pass, Postgres: c.Postgres, NATS: c.NATS, NATSRoots: roots, Log: log})
	if err != nil {
		return err
	}
	err = c.serve(ctx, h, log)
	return errors.Join(err, h.Close())
}

// certificates reads a file of them; nil where there is none.
func certificates(path string) (*x509.CertPool, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the cluster's certificates: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s holds no certificate in PEM", path)
	}
	return pool, nil
}

func (c *hubRunCmd) serve(ctx context.Context, h *hub.Hub, log *slog.Logger) error {
	l, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", c.Listen, err)
	}
	hosts := append(append([]string{}, c.Host...), "localhost", "127.0.0.1")
	cert, err := hub.Certificate(c.Data, hosts, time.Now())
	if err != nil {
		return errors.Join(err, l.Close())
	}
	leaf, err := x509.ParseCertificate(cert.Certificate[0])
	if err != nil {
		return errors.Join(err, l.Close())
	}
	address := publicAddress(c.Host, l)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		if err := h.Control(ctx, address, sitesync.PinOf(leaf)); err != nil {
			log.Error("commands on this machine", "err", err)
		}
	}()
	mux := http.NewServeMux()
	mux.Handle(hub.SyncPath, h.Sync())
	mux.Handle(wire.JoinPath, h.Joining())
	pages, err := hubweb.New(h, log)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	mux.Handle(hub.MetricsPath, h.Metrics(os.Getenv("TRAM_METRICS_TOKEN"))) // not a flag: the list of processes shows those
	mux.Handle("/", pages)
	fmt.Printf("Hub of %s: https://%s\n", h.Directory().Programme.Programme, address)
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: 20 * time.Second, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug)}
	return serve(ctx, srv, tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}))
}

// publicAddress is the address that goes into codes: the first host, with the
// port that we listen on unless it names one.
func publicAddress(hosts []string, l net.Listener) string {
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil || len(hosts) == 0 {
		return "127.0.0.1:" + port
	}
	if _, _, err := net.SplitHostPort(hosts[0]); err == nil {
		return hosts[0]
	}
	return net.JoinHostPort(hosts[0], port)
}

// hubPassphrase takes it from the environment or asks, where the keys need one.
func hubPassphrase(dir string) (string, error) {
	guarded, err := keys.Protected(dir)
	if errors.Is(err, keys.ErrNone) {
		return "", fmt.Errorf("%w: %s", hub.ErrNoHub, dir)
	}
	if err != nil || !guarded {
		return "", err
	}
	return answer(bufio.NewReader(os.Stdin), "TRAM_PASSPHRASE", "Passphrase: ")
}

type hubCodeCmd struct {
	Data string `required:"" help:"Directory of the running hub."`
}

// Run prints a code.
func (c *hubCodeCmd) Run(ctx context.Context) error {
	d, err := hub.Command(ctx, c.Data, hub.Order{Do: "code"})
	if err != nil {
		return err
	}
	fmt.Printf("%s\n\nGood for one site until %s. At the site: tram join CODE --data DIR\n", d.Code, d.Until.Time().Local().Format("15:04"))
	return nil
}

type hubRequestsCmd struct {
	Data string `required:"" help:"Directory of the running hub."`
}

// Run lists the sites that wait.
func (c *hubRequestsCmd) Run(ctx context.Context) error {
	d, err := hub.Command(ctx, c.Data, hub.Order{Do: "requests"})
	if err != nil {
		return err
	}
	if len(d.Requests) == 0 {
		fmt.Println("No site waits for an answer.")
	}
	for _, r := range d.Requests {
		fmt.Printf("%-6s %s, since %s. Its key in words: %s (compare by telephone)\n", r.From.Site, r.From.Name, r.At.Time().Local().Format("2006-01-02 15:04"), r.From.Words())
		if r.Rule != nil {
			fmt.Println("       cannot be approved: " + refusal(r.Rule))
		}
	}
	return nil
}

type hubApproveCmd struct {
	Data   string `required:"" help:"Directory of the running hub."`
	Site   string `arg:"" help:"Code of the site."`
	Role   string `default:"satellite" enum:"main,satellite,unit,office" help:"What the site is in the programme."`
	Parent string `help:"Main clinic of a satellite or unit."`
}

// Run approves a site.
func (c *hubApproveCmd) Run(ctx context.Context) error {
	site := id.Site(strings.ToUpper(c.Site))
	o := hub.Order{Do: "approve", Site: site, Role: programme.Role(c.Role), Parent: id.Site(strings.ToUpper(c.Parent))}
	if _, err := hub.Command(ctx, c.Data, o); err != nil {
		return err
	}
	fmt.Printf("%s takes part as %s. It connects by itself once tram join was run there again, or is still waiting.\n", site, c.Role)
	return nil
}

type hubRefuseCmd struct {
	Data string `required:"" help:"Directory of the running hub."`
	Site string `arg:"" help:"Code of the site."`
	Why  string `required:"" help:"Reason, as its people will read it."`
}

// Run turns a site away.
func (c *hubRefuseCmd) Run(ctx context.Context) error {
	_, err := hub.Command(ctx, c.Data, hub.Order{Do: "refuse", Site: id.Site(strings.ToUpper(c.Site)), Why: c.Why})
	return err
}

type hubLetInCmd struct {
	Data string `required:"" help:"Directory of the running hub."`
	Name string `arg:"" help:"Name of the person, as on the sign-in page."`
}

// Run prints a one-time code for a person who forgot the password.
func (c *hubLetInCmd) Run(ctx context.Context) error {
	d, err := hub.Command(ctx, c.Data, hub.Order{Do: "let-in", Name: c.Name})
	if err != nil {
		return err
	}
	fmt.Printf("%s\n\nFor %s, good for a day and one try: on the sign-in page, “I have a one-time code”. Whoever asked for it is in the hub's journal as this machine.\n", d.Code, c.Name)
	return nil
}
