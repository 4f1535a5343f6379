// The files of the UI (web/dist), as they are and compressed, for api/ui_files.cc. Where they are
// found: api/CMakeLists.txt.
  .section .rodata

  .macro embed name, file
  .global kUi\name
kUi\name:
  .incbin "\file"
  .global kUi\name\()End
kUi\name\()End:
  .endm

  embed Page, "index.html"
  embed PageGzip, "index.html.gz"
  embed Script, "app.js"
  embed ScriptGzip, "app.js.gz"
  embed Style, "app.css"
  embed StyleGzip, "app.css.gz"
  embed Icon, "icon.svg"
  embed IconGzip, "icon.svg.gz"

  .section .note.GNU-stack, "", %progbits
