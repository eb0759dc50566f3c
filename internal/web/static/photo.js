// The page on which a portrait is taken. It works without this file: a picture
// is then chosen as a file. With it, the page's own camera takes one, and a
// large file is made smaller before it travels over a slow link. The server
// judges what comes either way. No picture stays in the browser.
(function () {
  "use strict";
  var form = document.querySelector("[data-photo]");
  if (!form) return;
  function part(name) { return form.querySelector("[data-photo-" + name + "]"); }
  var file = form.querySelector("input[type=file]"), view = part("view"), preview = part("preview"), open = part("open"), shoot = part("shoot");
  var stream = null, shown = "", longest = 1280;

  part("camera").hidden = false;
  if (!navigator.mediaDevices) { open.hidden = true; say(form.getAttribute("data-none")); }

  function say(text) { part("says").textContent = text || ""; }

  function stop() {
    if (stream) stream.getTracks().forEach(function (t) { t.stop(); });
    stream = null;
    view.hidden = shoot.hidden = true;
    open.hidden = !navigator.mediaDevices;
  }
  document.addEventListener("tram:lock", stop);
  window.addEventListener("pagehide", stop);

  open.addEventListener("click", function () {
    say("");
    navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } } }).then(function (s) {
      stream = s;
      preview.hidden = open.hidden = true;
      view.hidden = shoot.hidden = false;
      view.srcObject = s;
      shoot.focus();
      return view.play();
    }).catch(function (e) {
      stop();
      say(form.getAttribute(e.name === "NotAllowedError" ? "data-denied" : "data-none"));
    });
  });

  shoot.addEventListener("click", function () {
    if (!view.videoWidth) return;
    draw(view, view.videoWidth, view.videoHeight);
    stop();
    open.querySelector("span:last-child").textContent = form.getAttribute("data-again");
  });

  // draw makes the picture that is sent: what is seen in the frame, which has
  // the shape of a portrait, of a camera; all of a file.
  function draw(from, w, h, whole) {
    var cut = { x: 0, y: 0, w: w, h: h }, c = document.createElement("canvas");
    if (!whole) {
      cut.w = Math.min(w, h * 4 / 5);
      cut.h = cut.w * 5 / 4;
      cut.x = (w - cut.w) / 2;
      cut.y = (h - cut.h) / 2;
    }
    var scale = Math.min(1, longest / Math.max(cut.w, cut.h));
    c.width = Math.round(cut.w * scale);
    c.height = Math.round(cut.h * scale);
    c.getContext("2d").drawImage(from, cut.x, cut.y, cut.w, cut.h, 0, 0, c.width, c.height);
    c.toBlob(function (b) {
      if (!b) return;
      var t = new DataTransfer();
      t.items.add(new File([b], "photo.jpg", { type: "image/jpeg" }));
      file.files = t.files;
      show(b);
    }, "image/jpeg", 0.9);
  }

  function show(b) {
    if (shown) URL.revokeObjectURL(shown);
    shown = b ? URL.createObjectURL(b) : "";
    preview.hidden = !b;
    if (b) preview.src = shown; else preview.removeAttribute("src");
  }

  file.addEventListener("change", function () {
    var f = file.files[0];
    say("");
    stop();
    show(null);
    if (!f || !window.createImageBitmap) return;
    createImageBitmap(f).then(function (m) {
      if (Math.max(m.width, m.height) > longest) draw(m, m.width, m.height, true); else show(f);
    }, function () { say(form.getAttribute("data-unread")); });
  });
})();
