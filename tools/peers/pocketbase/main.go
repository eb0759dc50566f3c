// Command pocketbase is a peer for tram bench: PocketBase, used as a library,
// with one collection that takes a dose as a plain record.
//
// It is a module of its own, so that nothing of it comes near the program or
// its gate. It keeps to what every peer keeps to: it is started with -dir and
// prints one line, the address that takes a dose as a JSON object by POST and
// answers 200 once it is on the disk; it ends at an interrupt.
//
// Its settings lean its way: synchronous=FULL is the one change from its
// defaults that costs it anything, and without it a power cut takes back doses
// that were answered. It checks no session, encrypts nothing, keeps no journal,
// keeps no log of requests, and its table has no index beside its key.
//
//	cd tools/peers/pocketbase && go build -o /tmp/pocketbase-peer .
//	tram bench --peer /tmp/pocketbase-peer
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
)

// pragmas are PocketBase's own, but for synchronous, which is NORMAL there.
const pragmas = "?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=journal_size_limit(200000000)&_pragma=synchronous(FULL)" +
	"&_pragma=foreign_keys(ON)&_pragma=temp_store(MEMORY)&_pragma=cache_size(-32000)"

func main() {
	dir := flag.String("dir", "", "directory for the data")
	flag.Parse()
	if err := run(*dir); err != nil {
		log.Fatal("pocketbase: ", err)
	}
}

func run(dir string) error {
	app := pocketbase.NewWithConfig(pocketbase.Config{
		DefaultDataDir: dir, HideStartBanner: true,
		DBConnect: func(path string) (*dbx.DB, error) { return dbx.Open("sqlite", path+pragmas) },
	})
	if err := app.Bootstrap(); err != nil {
		return fmt.Errorf("bootstrap: %w", err)
	}
	if err := app.RunAllMigrations(); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	if err := prepare(app); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		e.Listener = listener
		e.InstallerFunc = nil // no first administrator, no browser
		fmt.Printf("http://%s/api/collections/doses/records\n", listener.Addr())
		return e.Next()
	})
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt)
	ended := make(chan error, 1)
	go func() { ended <- apis.Serve(app, apis.ServeConfig{HttpAddr: listener.Addr().String()}) }()
	select {
	case err := <-ended:
		if err != http.ErrServerClosed {
			return fmt.Errorf("serve: %w", err)
		}
	case <-stop:
	}
	return app.ResetBootstrapState()
}

// prepare makes the collection: the columns of a dose, open to everyone.
func prepare(app core.App) error {
	settings := app.Settings()
	settings.Logs.MaxDays = 0
	if err := app.Save(settings); err != nil {
		return fmt.Errorf("settings: %w", err)
	}
	doses := core.NewBaseCollection("doses")
	doses.CreateRule = types.Pointer("")
	for _, name := range []string{"patient", "bottle", "by", "station", "outcome"} {
		doses.Fields.Add(&core.TextField{Name: name, Required: true})
	}
	for _, name := range []string{"day", "amount", "volume", "at"} {
		doses.Fields.Add(&core.NumberField{Name: name, OnlyInt: true})
	}
	if err := app.Save(doses); err != nil {
		return fmt.Errorf("collection: %w", err)
	}
	return nil
}
