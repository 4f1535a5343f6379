// The files of the UI (web/dist), as they are and compressed, for api/ui_files.cc. Where they are
// found: api/CMakeLists.txt.
  .section .rodata

  .macro embed name, file
  .global hw_ui_\name
hw_ui_\name:
  .incbin "\file"
  .global hw_ui_\name\()_end
hw_ui_\name\()_end:
  .endm

  embed page, "index.html"
  embed page_gz, "index.html.gz"
  embed script, "app.js"
  embed script_gz, "app.js.gz"
  embed style, "app.css"
  embed style_gz, "app.css.gz"
  embed icon, "icon.svg"
  embed icon_gz, "icon.svg.gz"

  .section .note.GNU-stack, "", %progbits
