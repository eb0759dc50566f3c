package hubweb

import (
	"errors"
	"net/http"
	"path"
	"strings"

	"tram/internal/care/programme"
	"tram/internal/hub"
	"tram/internal/id"
	"tram/internal/reason"
	"tram/internal/web/pages/typed"
)

// act is what a form does. It answers which of the page's forms it was, so that
// the page can be shown again with what is wrong beside the fields.
type act func(v visit) (at string, err error)

// errAsked says that a form lacks something that its page asks for; the field
// and the sentence stand in it.
type errAsked struct{ field, sentence string }

func (e errAsked) Error() string { return "the field " + e.field + " is wrong" }

// errNothing says that there is no such site or person.
var errNothing = errors.New("there is no such page")

// do runs a form's act: then the page again in a new request, or with what is
// wrong.
func (s *Server) do(p page, a act) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, ok := s.visit(r)
		if !ok {
			s.render(w, r, http.StatusOK, ask(v, "", ""))
			return
		}
		if err := s.hub.May(v.who.Person, p.action); err != nil {
			s.render(w, r, http.StatusForbidden, forbidden(v, err))
			return
		}
		form := id.Form(r.PostFormValue("form"))
		if !s.once(form) {
			http.Redirect(w, r, home(p, r), http.StatusSeeOther)
			return
		}
		at, err := a(v)
		if err != nil {
			s.forget(form)
			s.refused(w, v, p, at, err)
			return
		}
		if s.sessions.GetString(v.ctx, "flash") == "" {
			s.flash(v, "good", "hub.done")
		}
		http.Redirect(w, r, home(p, r), http.StatusSeeOther)
	}
}

// refused shows the page again with what is wrong with one of its forms.
func (s *Server) refused(w http.ResponseWriter, v visit, p page, at string, err error) {
	f := typed.Form{Lists: map[string][]string{"duty": v.r.PostForm["duty"]}}
	for name := range v.r.PostForm {
		f.Set(name, v.r.PostFormValue(name))
	}
	var no *reason.Refusal
	var asked errAsked
	switch {
	case errors.As(err, &asked):
		f.Wrong(asked.field, v.p.T(asked.sentence))
	case errors.Is(err, hub.ErrPassword):
		f.Wrong("password", v.p.T("hub.wrong"))
	case errors.Is(err, hub.ErrNoRequest):
		s.flash(v, "take", "hub.gone")
		http.Redirect(w, v.r, home(p, v.r), http.StatusSeeOther)
		return
	case errors.As(err, &no) && strings.HasPrefix(no.Rule, "ACCESS-"):
		s.render(w, v.r, http.StatusForbidden, forbidden(v, err))
		return
	case errors.As(err, &no):
		said := v.p.Refusal(no)
		f.Refused = &said
	default:
		s.failed(w, v, err)
		return
	}
	v.again = &again{at: at, form: f}
	c, err2 := p.show(v)
	if err2 != nil {
		s.failed(w, v, err2)
		return
	}
	if !v.again.used { // what it was about is gone from the page
		s.sessions.Put(v.ctx, "flash_kind", "stop")
		s.sessions.Put(v.ctx, "flash", sentences(f))
		http.Redirect(w, v.r, home(p, v.r), http.StatusSeeOther)
		return
	}
	s.render(w, v.r, http.StatusUnprocessableEntity, c)
}

// sentences is what is wrong with a form, in one text.
func sentences(f typed.Form) string {
	if f.Refused != nil {
		return strings.TrimSpace(f.Refused.Text+" "+f.Refused.Do) + " (" + f.Refused.Rule + ")"
	}
	var out []string
	for _, e := range f.Errors {
		out = append(out, e)
	}
	return strings.Join(out, " ")
}

// failed answers what is neither done nor refused.
func (s *Server) failed(w http.ResponseWriter, v visit, err error) {
	if errors.Is(err, errNothing) {
		http.NotFound(w, v.r)
		return
	}
	s.fault(w, err)
}

// once says whether a form is sent for the first time. Whatever is forgotten
// here is at worst recorded twice.
func (s *Server) once(f id.Form) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.sent) >= formsMost {
		clear(s.sent)
	}
	if f == "" || s.sent[f] {
		return f == ""
	}
	s.sent[f] = true
	return true
}

// forget lets a form that was refused be sent again.
func (s *Server) forget(f id.Form) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sent, f)
}

func (s *Server) flash(v visit, kind, key string) {
	s.sessions.Put(v.ctx, "flash_kind", kind)
	s.sessions.Put(v.ctx, "flash", v.p.T(key))
}

// home is the address of a form's page.
func home(p page, r *http.Request) string {
	if p.path == "/{$}" {
		return "/"
	}
	return strings.ReplaceAll(p.path, "{site}", path.Base("/"+r.PathValue("site")))
}

func (s *Server) signIn(w http.ResponseWriter, r *http.Request) {
	v, _ := s.visit(r)
	person := id.Person(r.PostFormValue("person"))
	m, err := s.hub.SignIn(r.Context(), person, r.PostFormValue("password"))
	if errors.Is(err, hub.ErrPassword) {
		s.render(w, r, http.StatusUnprocessableEntity, ask(v, string(person), v.p.T("hub.wrong")))
		return
	}
	if err == nil {
		err = s.sessions.RenewToken(r.Context())
	}
	if err != nil {
		s.fault(w, err)
		return
	}
	s.sessions.Put(r.Context(), "person", string(m.Person))
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (s *Server) signOut(w http.ResponseWriter, r *http.Request) {
	if err := s.sessions.Destroy(r.Context()); err != nil {
		s.fault(w, err)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (s *Server) language(w http.ResponseWriter, r *http.Request) {
	for _, l := range s.words.Langs() {
		if l == r.PostFormValue("lang") {
			s.sessions.Put(r.Context(), "lang", l)
		}
	}
	http.Redirect(w, r, path.Clean("/"+strings.TrimLeft(r.PostFormValue("back"), `/\`)), http.StatusSeeOther)
}

// first is the page for whoever has a one-time code.
func (s *Server) first(w http.ResponseWriter, r *http.Request) {
	v, _ := s.visit(r)
	s.render(w, r, http.StatusOK, askFirst(v, v.form("")))
}

func (s *Server) setFirst(w http.ResponseWriter, r *http.Request) {
	v, _ := s.visit(r)
	f := typed.Form{ID: s.hub.NewForm()}
	f.Set("person", v.val("person"))
	again := func() { s.render(w, r, http.StatusUnprocessableEntity, askFirst(v, f)) }
	if r.PostFormValue("new") != r.PostFormValue("again") {
		f.Wrong("again", v.p.T("hub.not_same"))
		again()
		return
	}
	err := s.hub.SetFirstPassword(v.ctx, id.Person(v.val("person")), v.val("code"), r.PostFormValue("new"))
	var no *reason.Refusal
	switch {
	case errors.As(err, &no):
		said := v.p.Refusal(no)
		f.Refused = &said
		again()
	case err != nil:
		s.fault(w, err)
	default:
		s.flash(v, "good", "hub.password_done")
		http.Redirect(w, r, "/", http.StatusSeeOther)
	}
}

func approve(v visit) (string, error) {
	request := v.val("request")
	return "yes-" + request, v.s.hub.Approve(v.ctx, v.who.Person, request, programme.Role(v.val("role")), id.Site(v.val("parent")))
}

func refuse(v visit) (string, error) {
	request := v.val("request")
	return "no-" + request, v.s.hub.Refuse(v.who.Person, request, v.val("why"))
}
