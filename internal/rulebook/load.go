package rulebook

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
)

//go:embed sets/*.json
var sets embed.FS

// ErrNoSet says that there is no rule set under the id asked for.
var ErrNoSet = errors.New("no such rule set")

// fileMax bounds a rule set file; ours have about 15 kB.
const fileMax = 1 << 20

// IDs lists the ids of the embedded sets, sorted.
func IDs() []string {
	names, err := fs.Glob(sets, "sets/*.json")
	if err != nil {
		panic("rulebook: " + err.Error()) // the pattern is a constant
	}
	for i, n := range names {
		names[i] = strings.TrimSuffix(strings.TrimPrefix(n, "sets/"), ".json")
	}
	return names
}

// Load reads an embedded set by its id: "vn", "who", "au".
func Load(id string) (Set, error) {
	for _, known := range IDs() {
		if known != id {
			continue
		}
		data, err := sets.ReadFile("sets/" + id + ".json")
		if err != nil {
			return Set{}, fmt.Errorf("rule set %q: %w", id, err)
		}
		s, err := Parse(data)
		if err != nil {
			return Set{}, err
		}
		if s.ID != id {
			return Set{}, fmt.Errorf("rule set %q: the file calls itself %q", id, s.ID)
		}
		return s, nil
	}
	return Set{}, fmt.Errorf("rule set %q: %w; there are: %s", id, ErrNoSet, strings.Join(IDs(), ", "))
}

// Parse reads a rule set file. It refuses unknown, repeated and missing
// fields, fields in another case, anything after the end, and numbers that
// contradict each other: a limit read wrong is worse than a clinic that does
// not start.
func Parse(data []byte) (Set, error) {
	if len(data) > fileMax {
		return Set{}, fmt.Errorf("rule set: larger than %d bytes", fileMax)
	}
	var s Set
	if err := strict(data, &s); err != nil {
		return Set{}, fmt.Errorf("rule set: %w", err)
	}
	if err := check(s); err != nil {
		return Set{}, fmt.Errorf("rule set %q: %w", s.ID, err)
	}
	return s, nil
}

// strict decodes data into v and refuses what encoding/json lets pass. The
// standard decoder takes the last of two equal keys, ignores the case of keys
// and leaves zero for what is missing; so the keys are walked first, and what
// was read is written again and compared key by key.
func strict(data []byte, v any) error {
	if err := noRepeats(data); err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		at := dec.InputOffset()
		var mistyped *json.UnmarshalTypeError
		if errors.As(err, &mistyped) {
			at = mistyped.Offset // the decoder itself has read on to the end
		}
		return fmt.Errorf("line %d: %w", lineAt(data, at), err)
	}
	again, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write again: %w", err)
	}
	var have, want any
	if err := json.Unmarshal(data, &have); err != nil {
		return err
	}
	if err := json.Unmarshal(again, &want); err != nil {
		return err
	}
	return sameKeys("", have, want)
}

// noRepeats walks the tokens and refuses a key given twice in one object, and
// anything after the end of the value.
func noRepeats(data []byte) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	if err := walk(dec, data); err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("line %d: something follows the end", lineAt(data, dec.InputOffset()))
	}
	return nil
}

func walk(dec *json.Decoder, data []byte) error {
	tok, err := dec.Token()
	if err != nil {
		return fmt.Errorf("line %d: %w", lineAt(data, dec.InputOffset()), err)
	}
	open, ok := tok.(json.Delim)
	if !ok {
		return nil
	}
	seen := map[string]bool{}
	for dec.More() {
		if open == '{' {
			key, err := dec.Token()
			if err != nil {
				return fmt.Errorf("line %d: %w", lineAt(data, dec.InputOffset()), err)
			}
			name, _ := key.(string) // an object's key is always a string
			if seen[name] {
				return fmt.Errorf("line %d: field %q is given twice", lineAt(data, dec.InputOffset()), name)
			}
			seen[name] = true
		}
		if err := walk(dec, data); err != nil {
			return err
		}
	}
	if _, err := dec.Token(); err != nil { // the closing bracket
		return fmt.Errorf("line %d: %w", lineAt(data, dec.InputOffset()), err)
	}
	return nil
}

func lineAt(data []byte, offset int64) int {
	return 1 + bytes.Count(data[:min(offset, int64(len(data)))], []byte("\n"))
}

// sameKeys says which field of want is missing in have; null counts as given
// only where the written value is null as well.
func sameKeys(path string, have, want any) error {
	switch w := want.(type) {
	case map[string]any:
		h, ok := have.(map[string]any)
		if !ok {
			return fmt.Errorf("%s: not an object", path)
		}
		for k := range w {
			v, ok := h[k]
			if !ok {
				return fmt.Errorf("%s: field %q is missing", path, k)
			}
			if err := sameKeys(path+"/"+k, v, w[k]); err != nil {
				return err
			}
		}
	case []any:
		h, ok := have.([]any)
		if !ok || len(h) != len(w) {
			return fmt.Errorf("%s: not a list", path)
		}
		for i := range w {
			if err := sameKeys(fmt.Sprintf("%s/%d", path, i), h[i], w[i]); err != nil {
				return err
			}
		}
	case nil:
	default:
		if have == nil {
			return fmt.Errorf("%s: null where a value is needed", path)
		}
	}
	return nil
}
