package hubdb

import (
	"fmt"
	"reflect"
	"strings"
)

// kind is the type of a column of many values.
type kind string

const (
	ints  kind = "bigint"
	texts kind = "text"
	blobs kind = "bytea"
)

// bulk is one statement for many rows: an insert, or an update by key.
type bulk struct {
	table string
	cols  []string
	kinds []kind
	// rest ends an insert: "ON CONFLICT DO NOTHING"
	rest string
	// update makes it an update: SET and WHERE over the table as d and the
	// values as u; its columns are not those of the table
	update string

	n     int
	ints  [][]int64
	texts [][]string
	blobs [][][]byte
}

// newBulk names the columns as "name int", "name text" or "name blob".
func newBulk(table, columns, rest string) *bulk {
	b := &bulk{table: table, rest: rest}
	for _, c := range strings.Split(columns, ", ") {
		name, typ, _ := strings.Cut(c, " ")
		b.cols = append(b.cols, name)
		b.kinds = append(b.kinds, map[string]kind{"int": ints, "text": texts, "blob": blobs}[typ])
	}
	n := len(b.cols)
	b.ints, b.texts, b.blobs = make([][]int64, n), make([][]string, n), make([][][]byte, n)
	return b
}

// add adds a row; its values have the columns' types, whatever their names.
func (b *bulk) add(values ...any) {
	for i, v := range values {
		switch b.kinds[i] {
		case ints:
			b.ints[i] = append(b.ints[i], whole(v))
		case texts:
			b.texts[i] = append(b.texts[i], reflect.ValueOf(v).String())
		default:
			b.blobs[i] = append(b.blobs[i], v.([]byte))
		}
	}
	b.n++
}

func whole(v any) int64 {
	switch v := v.(type) {
	case int64:
		return v
	case int:
		return int64(v)
	}
	return reflect.ValueOf(v).Int()
}

// column is a whole column, for a database that takes arrays.
func (b *bulk) column(i int) any {
	switch b.kinds[i] {
	case ints:
		return b.ints[i]
	case texts:
		return b.texts[i]
	}
	return b.blobs[i]
}

// at is one value.
func (b *bulk) at(i, row int) any {
	switch b.kinds[i] {
	case ints:
		return b.ints[i][row]
	case texts:
		return b.texts[i][row]
	}
	return b.blobs[i][row]
}

// sqlite is the statement for one row.
func (b *bulk) sqlite() string {
	if b.update != "" {
		marks := make([]string, len(b.cols))
		for i, c := range b.cols {
			marks[i] = "? AS " + c
		}
		return "UPDATE " + b.table + " AS d " + strings.Replace(b.update, " WHERE ", " FROM (SELECT "+strings.Join(marks, ", ")+") AS u WHERE ", 1)
	}
	return fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s) %s", b.table, strings.Join(b.cols, ", "), marks(len(b.cols)), b.rest)
}

// postgres is the statement for all rows.
func (b *bulk) postgres() string {
	arrays := make([]string, len(b.cols))
	for i, k := range b.kinds {
		arrays[i] = fmt.Sprintf("$%d::%s[]", i+1, k)
	}
	from := "unnest(" + strings.Join(arrays, ", ") + ")"
	names := strings.Join(b.cols, ", ")
	if b.update != "" {
		return "UPDATE " + b.table + " AS d " + strings.Replace(b.update, " WHERE ", " FROM "+from+" AS u("+names+") WHERE ", 1)
	}
	return fmt.Sprintf("INSERT INTO %s (%s) SELECT * FROM %s %s", b.table, names, from, b.rest)
}

func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }
