package me

import (
	"testing"

	"github.com/a-h/templ"

	"tram/internal/web/ui/story"
	"tram/internal/words"
)

func TestSamples(t *testing.T) {
	story.Check(t, "me", func(p *words.Printer) templ.Component { return Show(Sample(p)) })
}
