// Tram's own script. Everything works without it; with it, hands are faster:
// keys, a scanner that may fire anywhere, the lock that keeps half-typed
// notes, lists that refresh, the camera. It keeps nothing in the browser.
(function () {
  "use strict";

  var settle = 150; // ms: keys closer together than this come from a scanner
  var arm = 800;    // ms after a page or pane appears in which keys do nothing
  var born = 0, arming = 0;
  rearm();

  // rearm begins the silence of a page or pane that has just appeared; the page
  // says when it is over.
  function rearm() {
    born = Date.now();
    document.documentElement.removeAttribute("data-armed");
    clearTimeout(arming);
    arming = setTimeout(function () { document.documentElement.setAttribute("data-armed", ""); }, arm);
  }
  function all(sel, root) { return Array.prototype.slice.call((root || document).querySelectorAll(sel)); }
  function one(sel, root) { return (root || document).querySelector(sel); }
  function typing(el) { return el && (/^(INPUT|TEXTAREA|SELECT)$/.test(el.tagName)) && !/^(radio|checkbox|button|submit)$/.test(el.type); }
  function visible(el) { return el && el.getClientRects().length > 0 && getComputedStyle(el).visibility !== "hidden"; }
  function locked() { var l = one("#lock"); return l && !l.hidden; }

  // ---- keys. A single letter acts only after a moment of silence: the
  // letters of a scanned code come in a burst and go to the search field.
  var burst = "", timer = 0, lastKey = 0, taken = false;

  function pressKey(k) {
    if (Date.now() - born < arm) return;
    if (k === "/") { focusFind(); return; }
    var el = all("[data-key]").filter(function (b) { return b.getAttribute("data-key").toLowerCase() === k && visible(b) && !b.disabled; })[0];
    if (el) el.click();
  }
  function focusFind() { var f = one("[data-find]"); if (visible(f)) { f.focus(); f.select(); } }

  document.addEventListener("keydown", function (e) {
    touch();
    taken = false;
    if (/^(Control|Alt|AltGraph|Meta|Shift)$/.test(e.key)) return;
    var quick = Date.now() - lastKey < 50;
    lastKey = Date.now();
    if (e.ctrlKey || e.altKey || e.metaKey) {
      // no hand is so quick: a code that was scanned holds a control character,
      // which is dropped and reaches no command of the browser
      if (quick || burst) e.preventDefault();
      return;
    }
    if (locked() || e.isComposing) return;
    if (e.key === "Escape") { var c = one("[data-close]"); if (visible(c)) { e.preventDefault(); c.click(); } return; }
    if (e.key === "ArrowDown" || e.key === "ArrowUp") { if (moveRow(e)) return; }
    if (typing(document.activeElement)) { joinScan(document.activeElement); return; }
    if (e.repeat) return;
    if (e.key === "Enter") {
      if (burst.length > 1) { e.preventDefault(); sendScan(); }
      return;
    }
    if (e.key.length !== 1) return;
    if (e.key === "/") e.preventDefault();
    taken = e.key !== " ";
    burst += e.key;
    clearTimeout(timer);
    timer = setTimeout(function () {
      var b = burst;
      burst = "";
      if (b.length === 1) pressKey(b.toLowerCase());
    }, settle);
  }, true);

  // a letter that was taken here is not typed as well into a field that gets
  // the caret at this moment
  document.addEventListener("keypress", function (e) { if (taken) e.preventDefault(); taken = false; }, true);

  // joinScan puts the beginning of a scan that came before the field had the
  // caret in front of the rest of it.
  function joinScan(f) {
    if (!burst || !f.hasAttribute("data-find")) return;
    clearTimeout(timer);
    f.value = burst + f.value;
    f.setSelectionRange(f.value.length, f.value.length);
    burst = "";
  }

  function sendScan() {
    clearTimeout(timer);
    var code = burst, f = one("[data-find]");
    burst = "";
    if (!f || !f.form) return;
    f.value = code.replace(/[\u0000-\u001f\u007f-\u009f]/g, "");
    f.form.requestSubmit();
  }

  function moveRow(e) {
    var rows = all(".queue .row"), at = rows.indexOf(document.activeElement);
    if (!rows.length || (at < 0 && document.activeElement !== one("[data-find]") && typing(document.activeElement))) return false;
    e.preventDefault();
    var next = at + (e.key === "ArrowDown" ? 1 : -1);
    if (next < 0) { focusFind(); return true; }
    rows[Math.min(next, rows.length - 1)].focus();
    return true;
  }

  // ---- a form is sent once; the server also knows a repeat by the form's id.
  document.addEventListener("submit", function (e) {
    var f = e.target;
    if (e.defaultPrevented || f.hasAttribute("data-unlock")) return;
    if (f.hasAttribute("data-sent")) { e.preventDefault(); return; }
    f.setAttribute("data-sent", "");
    setTimeout(function () { f.removeAttribute("data-sent"); }, 4000);
  });
  window.addEventListener("pageshow", function () { rearm(); all("[data-sent]").forEach(function (f) { f.removeAttribute("data-sent"); }); });

  // ---- nothing is kept in the browser: htmx notes the last address even where
  // it keeps no history.
  function forget() { try { sessionStorage.removeItem("htmx-current-path-for-history"); } catch (e) { /* storage is off: nothing is kept */ } }
  document.addEventListener("DOMContentLoaded", forget);
  document.addEventListener("htmx:afterSettle", forget);

  // ---- a slow link: from the moment the page asks for the next one until that
  // comes, it says so.
  var waiting = 0, busy = one("[data-busy]");
  function rest() { clearTimeout(waiting); if (busy) { busy.textContent = ""; busy.classList.remove("on"); } }
  window.addEventListener("beforeunload", function () {
    if (!busy) return;
    clearTimeout(waiting);
    waiting = setTimeout(function () { busy.textContent = busy.getAttribute("data-busy"); busy.classList.add("on"); }, 250);
  });
  window.addEventListener("pagehide", rest);
  window.addEventListener("pageshow", rest);

  // ---- lock. The page stays under the cover with what was half typed.
  var idle = parseInt(document.body.getAttribute("data-idle"), 10) || 0, last = Date.now();
  var told = Date.now();
  function touch() {
    last = Date.now();
    if (idle > 0 && !locked() && last - told > 20000) { told = last; post("/awake", ""); }
  }
  ["pointerdown", "wheel", "touchstart"].forEach(function (t) { document.addEventListener(t, touch, { passive: true }); });
  if (idle > 0 && one("#lock")) setInterval(function () { if (!locked() && Date.now() - last > idle * 1000) lock(); }, 1000);

  function lock() {
    one("#lock").hidden = false;
    document.body.classList.add("locked-out");
    all("main, .rail, .bar").forEach(function (x) { x.inert = true; });
    one("#lock-pin").value = "";
    one("#lock-pin").focus();
    document.dispatchEvent(new Event("tram:lock"));
    post("/lock", "idle=" + idle).then(function (r) { if (r.status === 409) unlock(); });
  }
  function unlock() {
    one("#lock").hidden = true;
    document.body.classList.remove("locked-out");
    all("main, .rail, .bar").forEach(function (x) { x.inert = false; });
    last = Date.now();
    rearm();
    var dirty = one("[data-dirty]");
    if (dirty) dirty.focus();
  }
  function post(url, body) {
    return fetch(url, { method: "POST", body: body, credentials: "same-origin",
      headers: { "Content-Type": "application/x-www-form-urlencoded", "Tram-Script": "1" } });
  }
  document.addEventListener("submit", function (e) {
    var f = e.target;
    if (!f.hasAttribute("data-unlock")) return;
    e.preventDefault();
    var says = one("[data-unlock-error]", f);
    post("/unlock", new URLSearchParams(new FormData(f)).toString()).then(function (r) {
      if (r.status === 204) { says.textContent = ""; unlock(); return; }
      if (r.status === 422) { r.text().then(function (t) { says.textContent = t || says.getAttribute("data-wrong"); }); one("#lock-pin").value = ""; one("#lock-pin").focus(); return; }
      location.reload();
    }, function () { says.textContent = says.getAttribute("data-offline"); });
  });

  // ---- refresh. A pane in which something is being typed is left alone.
  document.addEventListener("input", function (e) { if (typing(e.target)) e.target.setAttribute("data-dirty", ""); });
  document.addEventListener("change", function (e) { if (e.target.closest && e.target.closest(".act")) e.target.setAttribute("data-dirty", ""); });
  document.addEventListener("htmx:beforeRequest", function (e) {
    if (locked() || (e.target.id === "pane" && (one("[data-dirty]", e.target) || one(".act", e.target)))) e.preventDefault();
  });
  var row = "";
  function plain(pane) { return pane ? pane.textContent.replace(/\s+/g, " ") : ""; }
  document.addEventListener("htmx:beforeSwap", function (e) {
    if (e.detail.target && e.detail.target.id === "pane") {
      // a pane that says the same stays: its buttons need not arm again
      var next = new DOMParser().parseFromString(e.detail.xhr.responseText, "text/html").getElementById("pane");
      if (plain(next) === plain(e.detail.target)) { e.detail.shouldSwap = false; return; }
    }
    var el = document.activeElement;
    row = el && el.classList.contains("row") ? el.value : "";
  });
  document.addEventListener("htmx:afterSwap", function (e) {
    if (e.target.id === "pane") rearm();
    if (row) { var again = all(".queue .row").filter(function (r) { return r.value === row; })[0]; if (again) again.focus(); }
  });

  // ---- live mL beside a typed mg, and the other way round, is the server's
  // word only; the script never calculates a dose.

  // ---- how much room a text has: said from the last fifth on. Letters are
  // counted as the server counts them, not as the browser does.
  document.addEventListener("input", function (e) {
    var most = e.target.getAttribute && parseInt(e.target.getAttribute("data-most"), 10);
    var says = most && one("[data-left]", e.target.parentNode);
    if (!says) return;
    var left = most - Array.from(e.target.value.normalize("NFC")).length;
    says.hidden = left > most / 5;
    says.className = left < 0 ? "error" : "hint";
    says.textContent = document.body.getAttribute(left < 0 ? "data-over" : "data-left").replace("#", Math.abs(left));
  });

  // ---- a table on a phone: each cell carries its column's name, for the style
  // to show rows as cards.
  all(".table").forEach(function (t) {
    var heads = all("thead th", t).map(function (h) { return h.textContent.trim(); });
    if (!heads.length) return;
    all("tbody tr", t).forEach(function (r) {
      Array.prototype.forEach.call(r.children, function (c, i) {
        if (!c.textContent.trim() && !one("input, img, svg, button", c)) { c.classList.add("nothing"); return; }
        if (c.tagName === "TD" && c.colSpan === 1 && heads[i]) c.setAttribute("data-label", heads[i]);
      });
    });
    t.classList.add("table-cards");
  });

  // ---- clock, by the server's minute
  var clock = one("[data-clock]");
  if (clock && /^\d\d:\d\d$/.test(clock.textContent.trim())) {
    var hm = clock.textContent.trim().split(":"), start = Date.now(), base = hm[0] * 60 + +hm[1];
    setInterval(function () {
      var m = (base + Math.floor((Date.now() - start) / 60000)) % 1440;
      clock.textContent = ("0" + Math.floor(m / 60)).slice(-2) + ":" + ("0" + m % 60).slice(-2);
    }, 5000);
  }
  all("[data-print]").forEach(function (b) { b.addEventListener("click", function () { window.print(); }); });

  // ---- camera. jsQR is loaded when first asked for. What is seen at the window
  // is looked up as a code and as nothing else: no name, no address to follow.
  var me = document.currentScript || one("script[data-qr]"), stream = null, opening = false;
  document.addEventListener("click", function (e) {
    var b = e.target.closest && e.target.closest("[data-camera]");
    if (!b) return;
    say("");
    if (stream) { stopCamera(); return; }
    if (opening) return;
    opening = true;
    load(me.getAttribute("data-qr")).then(function () {
      return navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    }).then(function (st) { opening = false; startCamera(st, b.getAttribute("data-foreign")); }, function (e) {
      opening = false;
      say(b.getAttribute(e && e.name === "NotAllowedError" ? "data-denied" : "data-none"));
    });
  });
  document.addEventListener("tram:lock", stopCamera);
  window.addEventListener("pagehide", stopCamera);
  if (one("[data-camera]") && navigator.mediaDevices) one("[data-camera]").hidden = false;

  function say(text) { var s = one("[data-camera-says]"); if (s) s.textContent = text || ""; }
  function load(src) {
    if (window.jsQR) return Promise.resolve();
    return new Promise(function (ok, no) {
      var s = document.createElement("script");
      s.src = src; s.onload = ok; s.onerror = no;
      document.head.appendChild(s);
    });
  }
  // ours says whether a code may be one of ours: a card's few signs, or a letter.
  function ours(text) {
    var f = one("[data-find]");
    return f && f.hasAttribute("data-long") ? text.length < 1500 : /^[0-9A-Za-z-]{3,40}$/.test(text);
  }
  function startCamera(st, foreign) {
    var v = one("[data-camera-view]"), c = document.createElement("canvas");
    stream = st;
    if (locked()) { stopCamera(); return; }
    v.hidden = false; v.srcObject = st;
    v.play().catch(stopCamera);
    (function look() {
      if (!stream) return;
      if (v.readyState >= 2 && v.videoWidth) {
        c.width = v.videoWidth; c.height = v.videoHeight;
        var g = c.getContext("2d", { willReadFrequently: true });
        g.drawImage(v, 0, 0);
        var found = window.jsQR(g.getImageData(0, 0, c.width, c.height).data, c.width, c.height);
        if (found && found.data && ours(found.data)) {
          stopCamera();
          if (one("[data-scan]")) one("[data-scan]").value = "camera";
          burst = found.data;
          sendScan();
          return;
        }
        if (found && found.data) say(foreign);
      }
      setTimeout(look, 120);
    })();
  }
  function stopCamera() {
    if (stream) stream.getTracks().forEach(function (t) { t.stop(); });
    stream = null;
    var v = one("[data-camera-view]");
    if (v) { v.hidden = true; v.srcObject = null; }
  }
})();
