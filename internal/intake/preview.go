package intake

// Preview is what a person is shown before anything is imported: the counts,
// the first good rows, every bad row with its reasons, and everything that
// will be left out. It is the [File] arranged, nothing is hidden in it.
type Preview struct {
	Kind    Kind
	Hash    string
	Format  string
	Dates   Layout
	Total   int // rows below the header
	Good    int // rows that would be imported; Total is Good and the bad ones
	First   Rows
	Bad     []BadRow
	Columns []string // headers, for the cells of the bad rows
	LeftOut []Column // columns of which nothing is imported
	Above   int      // lines above the header, not read
	Doubts  []Problem
	Stops   []Problem
}

// Preview arranges the file with its first n good rows.
func (f File) Preview(n int) Preview {
	p := Preview{
		Kind: f.Kind, Hash: f.Hash, Format: f.Format, Dates: f.Dates, Total: f.Total, Good: f.Len(),
		First: Rows{
			Kind:     f.Kind,
			Patients: f.Patients[:min(n, len(f.Patients))],
			Orders:   f.Orders[:min(n, len(f.Orders))],
			Doses:    f.Doses[:min(n, len(f.Doses))],
		},
		Bad: f.Bad, Above: max(0, f.Header-1), Doubts: f.Doubts, Stops: f.Stops,
	}
	for _, c := range f.Columns {
		p.Columns = append(p.Columns, c.Header)
		if !c.Used {
			p.LeftOut = append(p.LeftOut, c)
		}
	}
	return p
}

// Ready says whether the good rows may be imported: nothing stops the file and
// there is something to import.
func (f File) Ready() bool { return len(f.Stops) == 0 && f.Len() > 0 }
