// The pages beside the window work without this file. It only shows, while a
// dose is typed in mg, how many mL that is; the server works it out again.
(function () {
  "use strict";
  // thousandths reads "82,5" or "82.5" as 82500, and gives -1 for anything that
  // could be read two ways, as the server does.
  function thousandths(s) {
    var m = /^(0|[1-9]\d{0,6})(?:[.,](\d{1,3}))?$/.exec(s.trim());
    if (!m || (m[2] && m[2].length === 3 && m[1] !== "0")) return -1;
    return Number(m[1]) * 1000 + Number(((m[2] || "") + "000").slice(0, 3));
  }
  // decimal writes thousandths without a trailing zero.
  function decimal(n, sign) {
    var frac = String(n % 1000).padStart(3, "0").replace(/0+$/, "");
    return Math.floor(n / 1000) + (frac ? sign + frac : "");
  }
  document.querySelectorAll("[data-ml-per]").forEach(function (box) {
    var per = Number(box.dataset.mlPer), input = box.querySelector("input"), out = box.querySelector("[data-ml]");
    function show() {
      var ug = thousandths(input.value), ul = ug * 1000 / per;
      out.textContent = per > 0 && ug > 0 && Number.isInteger(ul) ? box.dataset.mlWords.replace("0", decimal(ul, box.dataset.mlSign)) : "";
    }
    input.addEventListener("input", show);
    show();
  });
})();
