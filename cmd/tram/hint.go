package main

import (
	"errors"

	"tram/internal/baton"
	"tram/internal/hub"
	"tram/internal/sitedir"
)

// secondHints say what to do about a second copy that does not serve.
var secondHints = []struct {
	err  error
	hint string
}{
	{baton.ErrNone, "Is the right stick plugged in, and is this its folder? A new baton: tram baton make --data DIR --at DIR"},
	{baton.ErrHalfMade, "Make it again: tram baton make --data DIR --at DIR"},
	{baton.ErrForeign, "Give it back to its site; it was not written to."},
	{baton.ErrKey, "The site was founded anew since, or the stick is damaged. To use it as a new baton, rename its folder first."},
	{baton.ErrNewer, "This PC is over. Use the PC that was restored last; do not dose here."},
	{baton.ErrFull, "Make room on the stick or take a larger one. Nothing that was acknowledged is lost."},
	{baton.ErrReadOnly, "Look for the little switch on the stick, or take another one."},
	{baton.ErrGone, "Plug it in again and repeat the command."},
	{baton.ErrFake, "The stick is counterfeit or worn out. Throw it away and make a new baton on another one."},
	{baton.ErrDamaged, "Do not write to it. If the PC lives, make a new baton on another stick; if not, restore from the backup alone and call the programme."},
	{sitedir.ErrOlder, "Somebody put an older stick into the safe, or the backup is newer. Look for the right baton; without one, restore without --baton and tell the programme."},
	{sitedir.ErrFork, "Two PCs worked for this site. Stop, work on paper, keep both, and call the programme."},
	{sitedir.ErrForgotten, "Bring it forward: tram restore --data DIR --baton DIR"},
	{sitedir.ErrSwapped, "Look for the right one. If it is lost: tram baton make on another stick."},
	{sitedir.ErrRetired, "Use the newer one and wipe this one."},
	{hub.ErrIdentity, "Give it with --identity FILE."},
	{hub.ErrBackup, "Take an older backup; the sites send again what it lacks of their journals."},
	{sitedir.ErrIdentity, "Give it with --identity FILE."},
	{sitedir.ErrBackup, "Take an older backup; the baton brings what is missing."},
}

func secondHint(err error) string {
	for _, h := range secondHints {
		if errors.Is(err, h.err) {
			return h.hint
		}
	}
	return ""
}
