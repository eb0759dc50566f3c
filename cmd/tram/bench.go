package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

	"tram/internal/access"
	"tram/internal/care/daybook"
	"tram/internal/care/dose"
	"tram/internal/care/order"
	"tram/internal/care/patient"
	"tram/internal/care/site"
	"tram/internal/care/stock"
	"tram/internal/clinic"
	"tram/internal/day"
	"tram/internal/duty"
	"tram/internal/id"
	"tram/internal/sitedir"
	"tram/internal/sqlitefile"
	"tram/internal/unit"
)

type benchCmd struct {
	Patients int  `default:"500" help:"Patients in care."`
	Days     int  `default:"365" help:"Days of history for each."`
	Mornings int  `default:"6" help:"Mornings measured."`
	JSON     bool `help:"Print the figures as JSON."`
}

// figure is one measured figure with what it is held against.
type figure struct {
	ID    string  `json:"id"`
	What  string  `json:"what"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
	Goal  string  `json:"goal"`
}

// Run measures in a temporary directory and prints a table. Ratios are taken
// in one process, in slices that alternate, because disks change their mind.
func (c *benchCmd) Run(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "tram-bench-*")
	if err != nil {
		return fmt.Errorf("room for the bench: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	b, err := newBench(ctx, dir, c)
	if err != nil {
		return err
	}
	defer func() { _ = b.Close() }()
	if err := b.measure(ctx); err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(os.Stdout).Encode(b.figures)
	}
	fmt.Printf("%d patients, %d days of history each, %d journal entries, %d cores.\n", c.Patients, c.Days, b.Head().Size, runtime.NumCPU())
	for _, f := range b.figures {
		fmt.Printf("%-4s %-72s %12.2f %-10s %s\n", f.ID, f.What, f.Value, f.Unit, f.Goal)
	}
	return nil
}

type bench struct {
	*sitedir.Site
	cmd      *benchCmd
	dir      string
	now      day.Instant
	mu       sync.Mutex
	nurse    access.Actor
	doctor   id.Person
	patients []id.Patient
	peer     *sqlitefile.File
	figures  []figure
	rates    map[string][]float64
	waits    map[string][]time.Duration
}

func (b *bench) clock() day.Instant {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now++ // time passes, so that no two entries are of one moment
	return b.now
}

func (b *bench) set(i day.Instant) {
	b.mu.Lock()
	b.now = i
	b.mu.Unlock()
}

// benchPIN is the invented nurse's.
const benchPIN = "205173"

const benchAmount = 80 * unit.Milligram

func newBench(ctx context.Context, dir string, c *benchCmd) (*bench, error) {
	b := &bench{cmd: c, dir: dir, rates: map[string][]float64{}, waits: map[string][]time.Duration{}}
	z, err := day.LoadZone("Asia/Ho_Chi_Minh")
	if err != nil {
		return nil, err
	}
	today, err := day.Of(2026, 11, 23)
	if err != nil {
		return nil, err
	}
	first := today - day.Day(c.Days)
	b.set(z.At(first-1, 8, 0))
	o := sitedir.Options{Clock: b.clock, Fault: func(err error) { fmt.Fprintln(os.Stderr, "fault:", err) }}
	_, nurse, err := sitedir.Create(ctx, filepath.Join(dir, "site"), clinic.Founding{
		Site:    site.Founded{Site: "BN", Name: "Bench", Programme: "bench", Rules: "vn", Zone: "Asia/Ho_Chi_Minh", Language: "vi", Invented: true},
		Manager: "Bench Nurse", Duties: duty.All, PIN: benchPIN,
	}, o)
	if err != nil {
		return nil, err
	}
	if b.Site, err = sitedir.Open(ctx, filepath.Join(dir, "site"), o); err != nil {
		return nil, err
	}
	b.nurse = access.Actor{Person: nurse, Duties: duty.All, Station: "window 1"}
	b.doctor = nurse
	show := progress("facts")
	history := b.history(z, first, today)
	if err := b.SeedInvented(ctx, history, func(done, total int) { show("history", int64(done), int64(total)) }); err != nil {
		return nil, err
	}
	b.peer, err = sqlitefile.Open(filepath.Join(dir, "peer.db"), sqlitefile.Options{Key: [32]byte{1}, Readers: 1})
	if err != nil {
		return nil, err
	}
	return b, b.peer.Write(func(c *sqlitefile.Conn) error {
		return c.Script(`CREATE TABLE dose (id INTEGER PRIMARY KEY, patient TEXT NOT NULL, day INTEGER NOT NULL, amount INTEGER NOT NULL, volume INTEGER NOT NULL,
			bottle TEXT NOT NULL, by TEXT NOT NULL, at INTEGER NOT NULL, station TEXT NOT NULL, outcome TEXT NOT NULL) STRICT`)
	})
}

// history is a plain past: everyone on one dose, every day.
func (b *bench) history(z day.Zone, first, today day.Day) []clinic.Seed {
	var out []clinic.Seed
	at := z.At(first, 6, 0)
	add := func(f any) {
		at += 20_000
		out = append(out, clinic.Seed{At: at, By: b.nurse.Person, Fact: f})
	}
	bottle := id.Bottle("benchbottle0")
	add(stock.Received{Bottle: bottle, Code: id.CheckCode("B-1"), Product: "Methadone", Lot: "L", Expiry: today + 4000, Strength: 10_000, Volume: 1 << 50})
	add(stock.Opened{Bottle: bottle, Day: first})
	for i := range b.cmd.Patients {
		p := id.Patient(fmt.Sprintf("benchp%06d", i))
		b.patients = append(b.patients, p)
		add(patient.Registered{Patient: p, Code: clinic.Code("BN", i+1), Day: first, Details: patient.Details{
			Name: fmt.Sprintf("Nguyễn Văn Thử %d", i), Birth: day.Partial{Year: 1980}, Commune: "Nà Thử", Phone: "0900 000 000",
		}})
		o := id.Order(fmt.Sprintf("bencho%06d", i))
		add(order.Written{Order: o, Patient: p, Phase: order.Maintenance, Amount: benchAmount, First: first, Last: today + 400})
		add(order.Signed{Order: o, Patient: p})
	}
	n := 0
	for d := first; d < today; d++ {
		at = z.At(d, 6, 30)
		add(daybook.Opened{Day: d})
		for _, p := range b.patients {
			n++
			ds := id.Dose(fmt.Sprintf("benchd%010d", n))
			at += 1000
			out = append(out,
				clinic.Seed{At: at, By: b.nurse.Person, Fact: dose.Poured{Dose: ds, Patient: p, Day: d, Order: "bencho000000", Amount: benchAmount, Volume: 8000, Draws: []dose.Draw{{Bottle: bottle, Volume: 8000}}}},
				clinic.Seed{At: at + 500, By: b.nurse.Person, Fact: dose.Swallowed{Dose: ds, Patient: p}})
		}
		add(daybook.Closed{Day: d, Expected: len(b.patients), Dosed: len(b.patients)})
	}
	return out
}

func (b *bench) measure(ctx context.Context) error {
	today, err := day.Of(2026, 11, 23)
	if err != nil {
		return err
	}
	size := b.bytes()
	doses := float64(b.cmd.Patients * b.cmd.Days)
	b.add("F9", "bytes on disk for each past dose, everything included", float64(size)/doses, "B", "< 1200 with two entries a dose")
	for m := range b.cmd.Mornings {
		if err := b.morning(ctx, today+day.Day(m)); err != nil {
			return err
		}
	}
	b.ratios()
	if err := b.pages(ctx); err != nil {
		return err
	}
	var mem runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&mem)
	b.add("F6", "memory taken from the system after all this", float64(mem.Sys)/1e6, "MB", "< 150 in tram serve")
	return b.verify(ctx)
}

func (b *bench) add(ident, what string, v float64, u, goal string) {
	b.figures = append(b.figures, figure{ident, what, v, u, goal})
}

func (b *bench) bytes() int64 {
	if err := b.checkpoint(); err != nil {
		fmt.Fprintln(os.Stderr, "checkpoint:", err)
	}
	info, err := os.Stat(filepath.Join(b.dir, "site", sitedir.DatabaseName))
	if err != nil {
		return 0
	}
	return info.Size()
}

// morning opens a day and gives everyone a dose: a third by one window, the
// rest by 32 at once, between slices of plain inserts.
func (b *bench) morning(ctx context.Context, d day.Day) error {
	b.set(b.Zone().At(d, 6, 30))
	err := b.SeedInvented(ctx, []clinic.Seed{{At: b.clock(), By: b.nurse.Person, Fact: daybook.Opened{Day: d}}}, func(int, int) {})
	if err != nil {
		return err
	}
	third := len(b.patients) / 3
	if err := b.slice("insert", third, 1, b.insert); err != nil {
		return err
	}
	err = b.slice("pour1", third, 1, func(i int) error { return b.pour(ctx, b.patients[i]) })
	if err != nil {
		return err
	}
	if err := b.slice("insert", third, 1, b.insert); err != nil {
		return err
	}
	rest := b.patients[third:]
	err = b.slice("pour32", len(rest), 32, func(i int) error { return b.pour(ctx, rest[i]) })
	if err != nil {
		return err
	}
	return b.endDay(ctx, d)
}

func (b *bench) endDay(ctx context.Context, d day.Day) error {
	var open []dose.Entry
	open, err := b.openDoses(ctx, d)
	if err != nil {
		return err
	}
	var seeds []clinic.Seed
	for _, e := range open {
		seeds = append(seeds, clinic.Seed{At: b.clock(), By: b.nurse.Person, Fact: dose.Swallowed{Dose: e.Dose, Patient: e.Patient}})
	}
	seeds = append(seeds, clinic.Seed{At: b.clock(), By: b.nurse.Person, Fact: daybook.Closed{Day: d, Expected: len(open), Dosed: len(open)}})
	return b.SeedInvented(ctx, seeds, func(int, int) {})
}

func (b *bench) pour(ctx context.Context, p id.Patient) error {
	_, err := b.Pour(ctx, b.nurse, b.NewForm(), dose.Pour{Patient: p, Shown: benchAmount})
	return err
}

func (b *bench) insert(int) error {
	return b.peer.Write(func(c *sqlitefile.Conn) error {
		return c.Exec(`INSERT INTO dose (patient, day, amount, volume, bottle, by, at, station, outcome) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			"benchp000001", 20000, 80000, 8000, "benchbottle0", "nurse", int64(b.clock()), "window 1", "poured")
	})
}

// slice runs n acts by some workers and keeps the rate and each wait.
func (b *bench) slice(name string, n, workers int, act func(i int) error) error {
	waits := make([]time.Duration, n)
	errs := make([]error, n)
	var wg sync.WaitGroup
	next := make(chan int)
	start := time.Now()
	for range workers {
		wg.Go(func() {
			for i := range next {
				t := time.Now()
				errs[i] = act(i)
				waits[i] = time.Since(t)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
	b.rates[name] = append(b.rates[name], float64(n)/time.Since(start).Seconds())
	b.waits[name] = append(b.waits[name], waits...)
	for _, err := range errs {
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func (b *bench) ratios() {
	insert, one, many := median(b.rates["insert"]), median(b.rates["pour1"]), median(b.rates["pour32"])
	b.add("-", "plain durable insert, one a transaction, same driver and cipher", insert, "per s", "")
	b.add("F1", "dose command, 1 client", one, "per s", "")
	b.add("F1", "… as a ratio to the plain insert", one/insert, "×", "≥ 0.5")
	b.add("F1", "… p99", ms(percentile(b.waits["pour1"], 0.99)), "ms", "")
	b.add("F2", "dose command, 32 clients", many, "per s", "")
	b.add("F2", "… as a ratio to 1 client", many/one, "×", "≥ 1.5")
	b.add("F2", "… p99", ms(percentile(b.waits["pour32"], 0.99)), "ms", "")
}

func median(v []float64) float64 {
	s := slices.Sorted(slices.Values(v))
	return s[len(s)/2]
}

func percentile(v []time.Duration, p float64) time.Duration {
	s := slices.Sorted(slices.Values(v))
	return s[min(len(s)-1, int(p*float64(len(s))))]
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
