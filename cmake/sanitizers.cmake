# GW_SANITIZE is a list for -fsanitize=, empty for none. A finding ends the program: a sanitizer
# report that only prints is a test that cannot fail.
set(GW_SANITIZE "" CACHE STRING "comma-separated sanitizers, for example address,undefined")
if(GW_SANITIZE)
  add_compile_options(-fsanitize=${GW_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${GW_SANITIZE})
endif()
