# SPDX-License-Identifier: Apache-2.0
#
# tests/{unit,conformance,sim}/<module>_test.c   one cmocka program and one test each
# tests/{cli,examples,install,interop}/<name>.bats, .sh  one test each, run by tests/support/run-script
# fuzz/corpus/<what>/                            every input once through fuzz_<what>
# Each test has its folder's name as label: ctest -L unit.
pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET cmocka)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson)
pkg_check_modules(CBOR IMPORTED_TARGET libcbor)

# What every test program sees: private headers, tests/support, the vectors' place, cmocka.
add_library(ockam_test_settings INTERFACE)
target_include_directories(ockam_test_settings INTERFACE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/tests
                                                         ${PROJECT_SOURCE_DIR}/tests/support)
target_compile_definitions(ockam_test_settings INTERFACE
  _POSIX_C_SOURCE=200809L OCKAM_TEST_VECTORS="${PROJECT_SOURCE_DIR}/tests/vectors"
  OCKAM_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
target_compile_options(ockam_test_settings INTERFACE -UNDEBUG)
target_link_libraries(ockam_test_settings INTERFACE ockam_static PkgConfig::CMOCKA PkgConfig::JANSSON PkgConfig::UV
                                                    PkgConfig::CRYPTO PkgConfig::SODIUM PkgConfig::SQLITE ockam_ipsec_mb)
if(CBOR_FOUND)
  target_compile_definitions(ockam_test_settings INTERFACE OCKAM_HAVE_LIBCBOR=1)
  target_link_libraries(ockam_test_settings INTERFACE PkgConfig::CBOR)
endif()

file(GLOB files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/support/*.c)
add_library(ockam_test_support STATIC ${files})
target_link_libraries(ockam_test_support PUBLIC ockam_test_settings)

function(ockam_test_program kind file)
  get_filename_component(name ${file} NAME_WE)
  set(target ${kind}_${name})
  add_executable(${target} ${file})
  set_target_properties(${target} PROPERTIES OUTPUT_NAME ${name}
                                             RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests/${kind})
  target_link_libraries(${target} PRIVATE ockam_test_support)
endfunction()

foreach(kind unit conformance sim)
  file(GLOB files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/${kind}/*_test.c)
  foreach(file ${files})
    ockam_test_program(${kind} ${file})
    get_filename_component(name ${file} NAME_WE)
    string(REGEX REPLACE "_test$" "" title ${name})
    add_test(NAME ${kind}/${title} COMMAND ${kind}_${name})
    set_tests_properties(${kind}/${title} PROPERTIES LABELS ${kind} TIMEOUT 300)
  endforeach()
endforeach()

# What .ci/run docs uses.
add_test(NAME unit/doc_references COMMAND ${PROJECT_SOURCE_DIR}/tests/unit/doc_references_test.sh)
set_tests_properties(unit/doc_references PROPERTIES LABELS unit TIMEOUT 60)

# Programs that scripts of tests/cli and tests/interop start.
foreach(kind cli interop)
  file(GLOB files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/${kind}/*.c)
  foreach(file ${files})
    ockam_test_program(${kind} ${file})
  endforeach()
endforeach()

# Scripts use fixed ports where they run programs as the README prints them, so one runs at a time.
set(script_kinds cli examples install interop)
if(OCKAM_SANITIZE) # programs built outside the tree would need the same sanitizer
  list(REMOVE_ITEM script_kinds install)
endif()
foreach(kind ${script_kinds})
  file(GLOB files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/${kind}/*.bats ${PROJECT_SOURCE_DIR}/tests/${kind}/*.sh)
  if(OCKAM_SANITIZE)
    list(FILTER files EXCLUDE REGEX "/readme\\.bats$") # it builds a program outside the tree as well
  endif()
  foreach(file ${files})
    get_filename_component(title ${file} NAME_WE)
    if(OCKAM_SANITIZE AND title STREQUAL "readme") # it builds a program that knows of no sanitizer
      continue()
    endif()
    add_test(NAME ${kind}/${title} COMMAND ${PROJECT_SOURCE_DIR}/tests/support/run-script ${file})
    set_tests_properties(${kind}/${title} PROPERTIES
      LABELS ${kind} TIMEOUT 900 SKIP_RETURN_CODE 77 RESOURCE_LOCK fixed_ports
      ENVIRONMENT "OCKAM_BUILD_DIR=${CMAKE_BINARY_DIR};OCKAM_BIN_DIR=${CMAKE_BINARY_DIR}/bin;OCKAM_TEST_BIN_DIR=${CMAKE_BINARY_DIR}/tests;OCKAM_SOURCE_DIR=${PROJECT_SOURCE_DIR}")
  endforeach()
endforeach()

if(NOT OCKAM_FUZZ)
  foreach(target ${OCKAM_FUZZ_TARGETS})
    string(REGEX REPLACE "^fuzz_" "" what ${target})
    if(IS_DIRECTORY ${PROJECT_SOURCE_DIR}/fuzz/corpus/${what})
      add_test(NAME fuzz/${what} COMMAND ${target} ${PROJECT_SOURCE_DIR}/fuzz/corpus/${what})
      set_tests_properties(fuzz/${what} PROPERTIES LABELS fuzz TIMEOUT 300)
    endif()
  endforeach()
endif()

# What must hold for the sources, on every machine that builds them.
set(core_library $<TARGET_FILE:ockam_core>)
if(OCKAM_SANITIZE) # a sanitizer adds functions and data of its own
  set(core_library "")
endif()
add_test(NAME source/layers COMMAND ${PROJECT_SOURCE_DIR}/tools/check-layers ${core_library})
add_test(NAME source/files COMMAND ${PROJECT_SOURCE_DIR}/tools/check-sources)
add_test(NAME source/events COMMAND ${PROJECT_SOURCE_DIR}/tools/check-events)
add_test(NAME source/exports COMMAND ${PROJECT_SOURCE_DIR}/tools/check-exports $<TARGET_FILE:ockam>)
set_tests_properties(source/layers source/files source/events source/exports PROPERTIES LABELS source TIMEOUT 120)

# bench/run with the smallest counts: that it runs and every figure is there. No figure is judged: machines differ.
if(OCKAM_BUILD_BENCH AND NOT OCKAM_SANITIZE AND CMAKE_SYSTEM_NAME STREQUAL Linux)
  add_test(NAME bench/run COMMAND ${PROJECT_SOURCE_DIR}/tests/support/alone ${PROJECT_SOURCE_DIR}/bench/run --quick ${CMAKE_BINARY_DIR})
  set_tests_properties(bench/run PROPERTIES LABELS bench TIMEOUT 120 FAIL_REGULAR_EXPRESSION "bench/run: "
                                            RESOURCE_LOCK fixed_ports)
endif()
