// The button of the printable form.
document.getElementById("print").addEventListener("click", () => window.print());
