package web

import (
	"context"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"tram/internal/care/dose"
	"tram/internal/care/order"
	"tram/internal/clinic"
	"tram/internal/clinic/clinictest"
	"tram/internal/clinicdb"
	"tram/internal/rulebook"
	"tram/internal/unit"
)

// TestMidnightEndsTheSession: a session is of its day. At midnight the same
// press that would have poured asks who is there, keeps the form, and gives no
// dose of a day that nobody opened.
func TestMidnightEndsTheSession(t *testing.T) {
	h, p := morning(t)
	today := h.Today()
	h.SetClock(h.Zone().At(today, 23, 59))
	b := h.nurse()
	b.send("/window/open", "patient", string(p))
	h.Pass(2 * 60_000)
	b.send("/window/pour")
	b.shows("Ai đang làm việc?", "vẫn được giữ")
	b.get("/signin?person=" + string(h.Nurse.Person))
	b.send("/signin", "pin", clinictest.NursePIN, "station", "1")
	b.shows("Ghi điều bạn vừa gửi?")
	b.send("/window/pour")
	b.lacks("Đã rót vào cốc")
	err := h.View(context.Background(), func(v *clinicdb.View) error {
		doses, err := v.DosesOf(p, today, today+1)
		if len(doses) != 0 {
			t.Errorf("a dose across midnight: %+v", doses)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestZoneIsTheSites: the PC's own zone, wrong or right, changes neither the day
// nor the times on the screen, and one morning stays one day though it is two
// in UTC.
//
// A program's own zone is read everywhere, so each zone has a program of its own.
func TestZoneIsTheSites(t *testing.T) {
	for zone, offset := range map[string]string{"UTC": "+0000", "Etc/GMT+11": "-1100", "Etc/GMT-14": "+1400"} {
		t.Run(offset, func(t *testing.T) {
			cmd := exec.Command(os.Args[0], "-test.run=^TestInZone$", "-test.v")
			cmd.Env = append(os.Environ(), "TZ="+zone, "TRAM_TEST_OFFSET="+offset)
			if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS: TestInZone") {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
}

// TestInZone is a morning in the zone that TestZoneIsTheSites asks for.
func TestInZone(t *testing.T) {
	want := os.Getenv("TRAM_TEST_OFFSET")
	if want == "" {
		t.Skip("TestZoneIsTheSites runs it, once for each zone")
	}
	if got := time.Now().Format("-0700"); got != want {
		t.Fatalf("the program is at %s, want %s", got, want)
	}
	h, p := morning(t)
	day := h.Today()
	h.SetClock(h.Zone().At(day, 6, 45))
	b := h.nurse()
	b.send("/window/open", "patient", string(p))
	b.send("/window/pour")
	b.shows("02/11/2026", "06:45")
	b.send("/window/swallowed")
	h.SetClock(h.Zone().At(day, 7, 10)) // 00:10 in UTC, of the next day
	b = h.nurse()
	b.send("/window/find", "q", "thuong")
	b.lacks("action=\"/window/pour\"")
	b.shows("07:10")
	_, err := h.Pour(context.Background(), h.Nurse, h.NewForm(), dose.Pour{Patient: p, Shown: 30 * unit.Milligram})
	if no, ok := asRefusal(err); !ok || no.Rule != "DOSE-02" {
		t.Errorf("a second pour of the morning: %v", err)
	}
}

// TestARuleSwitchedOffIsOff (T12): with hours between doses set, the early dose
// is refused with its reason and the window goes on for everybody else; taken
// back, it is refused no more, at once and without a restart.
func TestARuleSwitchedOffIsOff(t *testing.T) {
	ctx := context.Background()
	h, p := morning(t)
	q := h.Patient("Quàng Thị Hai", 20*unit.Milligram)
	rule := func(c rulebook.Confirm) {
		t.Helper()
		if err := h.ConfirmRules(ctx, h.Nurse, h.NewForm(), []rulebook.Confirm{c}, clinictest.NursePIN); err != nil {
			t.Fatal(err)
		}
	}
	hours := int64(20)
	h.SetClock(h.Zone().At(h.Today(), 11, 30))
	b := h.nurse()
	b.send("/window/open", "patient", string(p))
	b.send("/window/pour")
	b.send("/window/swallowed")
	h.Order(p, order.Induction, 30*unit.Milligram, h.Today()+1, h.Today()+1)
	h.Order(q, order.Induction, 20*unit.Milligram, h.Today()+1, h.Today()+1)
	_, err := h.CloseDay(ctx, h.Nurse, h.NewForm(), h.Today(), []clinic.Count{{Bottle: h.Bottle, Measured: 997 * unit.Millilitre}}, h.Witness())
	if err != nil {
		t.Fatal(err)
	}
	h.NextMorning()
	h.OpenDay()
	rule(rulebook.Confirm{Key: rulebook.DoseGapHours, Value: &hours, Reason: "thử"})
	b = h.nurse()
	b.send("/window/open", "patient", string(p))
	b.shows("DOSE-09")
	if strings.Contains(b.raw, `action="/window/pour"`) {
		t.Error("the rule is on and the dose may be poured")
	}
	b.send("/window/open", "patient", string(q)) // nothing is frozen
	b.send("/window/pour")
	b.send("/window/swallowed")
	rule(rulebook.Confirm{Key: rulebook.DoseGapHours, Unset: true, Reason: "bỏ"})
	b.send("/window/open", "patient", string(p))
	b.lacks("DOSE-09")
	b.send("/window/pour")
	b.shows("Đã rót vào cốc")
}

// TestACorrectionIsFollowed (T4): after a correction the register, its sum and
// the record say what was true, the bottle's book is what is left in the bottle,
// and the first entries stand in the journal as they were.
func TestACorrectionIsFollowed(t *testing.T) {
	h, p := morning(t)
	b := h.nurse()
	b.send("/window/open", "patient", string(p))
	b.send("/window/pour")
	b.send("/window/swallowed")
	before := h.Head()
	d := h.doses(p)[0].Dose
	_, err := h.CorrectDose(context.Background(), h.Nurse, h.NewForm(), dose.Correct{Dose: d, Outcome: dose.PartOnly, Taken: 20 * unit.Milligram, Reason: "nhầm"}, h.Witness())
	if err != nil {
		t.Fatal(err)
	}
	if h.Head().Size != before.Size+1 {
		t.Errorf("journal %d → %d, want one entry more", before.Size, h.Head().Size)
	}
	b.get("/papers/register/" + h.Today().String())
	b.shows("Uống một phần", "20 mg")
	b.get("/papers/record/" + string(p))
	b.shows("20 mg")
	b.get("/stock")
	b.shows("997 mL") // 3 mL left the bottle, whatever was swallowed of them
	report, _, err := h.VerifyJournal(context.Background(), h.Nurse)
	if err != nil {
		t.Errorf("the journal after a correction: %+v, %v", report, err)
	}
}

// TestADutyTakenAwayIsGone: whoever loses a duty while a page stands open is
// refused by the next press, whatever the page offered (S37).
func TestADutyTakenAwayIsGone(t *testing.T) {
	h, p := morning(t)
	b := h.signedIn(h.Assistant, clinictest.AssistantPIN, "2")
	b.send("/window/open", "patient", string(p))
	form, ok := formOf(b.raw, "/window/pour")
	if !ok {
		t.Fatal("no dose is offered")
	}
	err := h.SetDuties(context.Background(), h.Nurse, h.NewForm(), h.Assistant.Person, dutiesOf([]string{"counsellor"}), "thử", clinictest.NursePIN)
	if err != nil {
		t.Fatal(err)
	}
	b.post("/window/pour", url.Values(form))
	b.lacks("Đã rót vào cốc")
	if got := h.doses(p); len(got) != 0 {
		t.Fatalf("poured without the duty: %+v", got)
	}
}
