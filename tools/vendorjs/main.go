// Command vendorjs keeps the browser files of other people honest.
//
// A clinic PC has no network and a newcomer has no Node, so scripts, icons and
// their licences are checked in. vendor.lock says for each of them which
// package, version and member it is and what its SHA-512 must be. The house
// test compares the tree with the lock on every run, without a network; this
// program asks the npm registry again and compares that with both.
//
//	go run ./tools/vendorjs            fetch, compare, change nothing
//	go run ./tools/vendorjs -update    fetch, write the files and the lock
package main

//go:generate go run .

import (
	"flag"
	"fmt"
	"io"
	"os"

	"tram/internal/house"
)

func main() {
	update := flag.Bool("update", false, "write the fetched files and the lock instead of comparing")
	flag.Parse()
	err := run(os.Stdout, *update)
	if err != nil {
		fmt.Fprintln(os.Stderr, "vendorjs:", err)
		os.Exit(1)
	}
}

// run fetches every package of the lock once and compares or writes its files.
func run(out io.Writer, update bool) error {
	root, err := house.Root(".")
	if err != nil {
		return err
	}
	rows, err := house.ReadVendorLock(root)
	if err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "vendorjs")
	if err != nil {
		return fmt.Errorf("make a scratch directory: %w", err)
	}
	defer func() { _ = os.RemoveAll(scratch) }()

	wrong := 0
	for _, pkg := range packages(rows) {
		_, _ = fmt.Fprintf(out, "fetch %s\n", pkg)
		members, err := fetch(scratch, pkg)
		if err != nil {
			return err
		}
		n, err := settle(out, root, rows, pkg, members, update)
		if err != nil {
			return err
		}
		wrong += n
	}
	if update {
		return house.WriteVendorLock(root, rows)
	}
	if wrong > 0 {
		return fmt.Errorf("%d of %d files differ from the registry; look at the diff, then go run ./tools/vendorjs -update", wrong, len(rows))
	}
	_, _ = fmt.Fprintf(out, "%d files are what their packages say\n", len(rows))
	return nil
}
