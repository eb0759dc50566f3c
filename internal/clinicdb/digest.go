package clinicdb

import (
	"crypto/sha256"
	"fmt"
	"strings"

	"tram/internal/sqlitefile"
)

// Digest is a hash of the content of each projected table: two files with the
// same facts have the same digests, whatever the order in which their pages
// were written.
func (v *View) Digest() (map[string][32]byte, error) {
	out := map[string][32]byte{}
	for _, table := range projected {
		sum, err := v.digest(table)
		if err != nil {
			return nil, fmt.Errorf("digest of %s: %w", table, err)
		}
		out[table] = sum
	}
	return out, nil
}

func (v *View) digest(table string) (sum [32]byte, err error) {
	var columns, keys []string
	err = v.c.Query(`SELECT name, pk FROM pragma_table_info(?)`, []any{table}, func(r *sqlitefile.Row) error {
		columns = append(columns, "quote("+r.Text(0)+")")
		if r.Int(1) > 0 {
			keys = append(keys, r.Text(0))
		}
		return nil
	})
	if err != nil {
		return sum, err
	}
	h := sha256.New()
	sql := `SELECT ` + strings.Join(columns, ` || ',' || `) + ` FROM ` + table + ` ORDER BY ` + strings.Join(keys, ", ")
	err = v.c.Query(sql, nil, func(r *sqlitefile.Row) error {
		_, err := h.Write([]byte(r.Text(0) + "\n"))
		return err
	})
	h.Sum(sum[:0])
	return sum, err
}
