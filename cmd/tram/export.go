package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"tram/internal/intake"
	"tram/internal/sitedir"
)

type exportCmd struct {
	Data string `required:"" help:"Directory of the site."`
	What string `required:"" enum:"patients,orders,doses,stock" help:"Which table: patients, orders, doses or stock."`
	Out  string `required:"" help:"File to write, .csv or .xlsx; it must not be there yet."`
	By   string `help:"Name of the person who exports (a manager)."`
}

// Run writes the table. The file holds people's records in the clear.
func (c *exportCmd) Run(ctx context.Context) error {
	write, err := c.writer()
	if err != nil {
		return err
	}
	pass, err := passphrase(c.Data)
	if err != nil {
		return err
	}
	s, err := sitedir.Open(ctx, c.Data, sitedir.Options{Passphrase: pass})
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	by, pin, err := manager(s.Clinic, bufio.NewReader(os.Stdin), c.By)
	if err != nil {
		return err
	}
	rows, err := s.Export(ctx, by, intake.Kind(c.What), pin)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(c.Out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("write the export: %w", err)
	}
	err = write(f, rows)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		_ = os.Remove(c.Out) // half a table is none
		return err
	}
	fmt.Printf("%d rows of %s in %s. The file is not encrypted: give it only to who may see it, and delete it when it has served.\n", rows.Len(), c.What, c.Out)
	return nil
}

// writer goes by the file's ending. A CSV begins with the mark by which Excel
// knows its letters.
func (c *exportCmd) writer() (func(w io.Writer, r intake.Rows) error, error) {
	switch strings.ToLower(filepath.Ext(c.Out)) {
	case ".csv":
		return func(w io.Writer, r intake.Rows) error { return intake.WriteCSV(w, r, intake.Style{Mark: true}) }, nil
	case ".xlsx":
		return intake.WriteXLSX, nil
	}
	return nil, fmt.Errorf("--out %s: the name must end in .csv or .xlsx", c.Out)
}
