# SPDX-License-Identifier: Apache-2.0
#
# The libraries. Each source file is compiled once, with hidden visibility, and goes into:
#   ockam_core              static: the protocol without operating system and without cryptography
#   ockam_provider_*        static: one cryptography provider each, for ockam_core
#   ockam, ockam_static     shared and static: everything
find_package(PkgConfig REQUIRED)
pkg_check_modules(UV REQUIRED IMPORTED_TARGET libuv)
pkg_check_modules(CRYPTO REQUIRED IMPORTED_TARGET libcrypto)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3)

set(OCKAM_CORE_FOLDERS base wire vault identity policy channel)
set(OCKAM_SHELL_FOLDERS node transport storage stream service)

# The .c files of folders of src/ and of the folders directly in them.
function(ockam_sources out)
  set(all "")
  foreach(folder ${ARGN})
    file(GLOB files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${folder}/*.c ${PROJECT_SOURCE_DIR}/src/${folder}/*/*.c)
    list(APPEND all ${files})
  endforeach()
  set(${out} ${all} PARENT_SCOPE)
endfunction()

# Objects that more than one library takes. Nothing is exported but what a public header marks OCKAM_API.
function(ockam_objects name)
  add_library(${name} OBJECT ${ARGN})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
  set_target_properties(${name} PROPERTIES C_VISIBILITY_PRESET hidden)
endfunction()

# A library of objects for others to link: its public headers, its name for find_package().
function(ockam_library name kind export_name)
  add_library(${name} ${kind})
  foreach(objects ${ARGN})
    target_sources(${name} PRIVATE $<TARGET_OBJECTS:${objects}>)
  endforeach()
  target_include_directories(${name} INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
                                               $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  set_target_properties(${name} PROPERTIES EXPORT_NAME ${export_name} LINKER_LANGUAGE C)
  add_library(Ockam::${export_name} ALIAS ${name})
endfunction()

# ---- the core, without its cryptography providers ----------------------------------------------------------------
ockam_sources(core_sources ${OCKAM_CORE_FOLDERS})
list(FILTER core_sources EXCLUDE REGEX "/vault/provider_(openssl|sodium|ipsec_mb)\\.c$")
ockam_objects(ockam_core_objects ${core_sources})
ockam_library(ockam_core STATIC core ockam_core_objects)

# ---- providers ---------------------------------------------------------------------------------------------------
set(OCKAM_PROVIDERS "")
set(OCKAM_PROVIDER_OBJECTS "")
set(OCKAM_PROVIDER_LIBRARIES "")

# One file of src/vault/, the system library it wraps.
function(ockam_provider name dependency)
  set(file ${PROJECT_SOURCE_DIR}/src/vault/provider_${name}.c)
  if(NOT EXISTS ${file})
    return()
  endif()
  ockam_objects(ockam_provider_${name}_objects ${file})
  target_link_libraries(ockam_provider_${name}_objects PRIVATE ${dependency})
  ockam_library(ockam_provider_${name} STATIC provider_${name} ockam_provider_${name}_objects)
  target_link_libraries(ockam_provider_${name} PUBLIC ockam_core PRIVATE ${dependency})
  set(OCKAM_PROVIDERS ${OCKAM_PROVIDERS} ockam_provider_${name} PARENT_SCOPE)
  set(OCKAM_PROVIDER_OBJECTS ${OCKAM_PROVIDER_OBJECTS} ockam_provider_${name}_objects PARENT_SCOPE)
  set(OCKAM_PROVIDER_LIBRARIES ${OCKAM_PROVIDER_LIBRARIES} ${dependency} PARENT_SCOPE)
endfunction()

ockam_provider(openssl PkgConfig::CRYPTO)
ockam_provider(sodium PkgConfig::SODIUM)

# Debian's ipsec-mb has no pkg-config file. The provider's file is compiled in any case: without the library it answers
# that there is none.
set(OCKAM_HAVE_IPSEC_MB 0)
if(NOT OCKAM_IPSEC_MB STREQUAL OFF)
  find_path(IPSEC_MB_INCLUDE_DIR intel-ipsec-mb.h)
  find_library(IPSEC_MB_LIBRARY IPSec_MB)
  if(IPSEC_MB_INCLUDE_DIR AND IPSEC_MB_LIBRARY)
    set(OCKAM_HAVE_IPSEC_MB 1)
  elseif(OCKAM_IPSEC_MB STREQUAL ON)
    message(FATAL_ERROR "OCKAM_IPSEC_MB is ON, but intel-ipsec-mb.h or libIPSec_MB is missing (libipsec-mb-dev)")
  endif()
endif()
add_library(ockam_ipsec_mb INTERFACE)
target_compile_definitions(ockam_ipsec_mb INTERFACE OCKAM_HAVE_IPSEC_MB=${OCKAM_HAVE_IPSEC_MB})
if(OCKAM_HAVE_IPSEC_MB)
  target_include_directories(ockam_ipsec_mb SYSTEM INTERFACE $<BUILD_INTERFACE:${IPSEC_MB_INCLUDE_DIR}>)
  target_link_libraries(ockam_ipsec_mb INTERFACE IPSec_MB)
endif()
ockam_provider(ipsec_mb ockam_ipsec_mb)

# ---- everything --------------------------------------------------------------------------------------------------
ockam_sources(shell_sources ${OCKAM_SHELL_FOLDERS})
set(all_objects ockam_core_objects ${OCKAM_PROVIDER_OBJECTS})
if(shell_sources)
  ockam_objects(ockam_shell_objects ${shell_sources})
  target_compile_definitions(ockam_shell_objects PRIVATE _POSIX_C_SOURCE=200809L)
  target_link_libraries(ockam_shell_objects PRIVATE PkgConfig::UV PkgConfig::SQLITE)
  list(APPEND all_objects ockam_shell_objects)
endif()
ockam_library(ockam SHARED ockam ${all_objects})
ockam_library(ockam_static STATIC ockam_static ${all_objects})
set_target_properties(ockam PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})
set_target_properties(ockam_static PROPERTIES OUTPUT_NAME ockam)
if(NOT OCKAM_SANITIZE AND NOT APPLE) # a sanitizer's functions come from the program
  target_link_options(ockam PRIVATE -Wl,--no-undefined)
endif()
foreach(library ockam ockam_static)
  target_link_libraries(${library} PRIVATE ${OCKAM_PROVIDER_LIBRARIES} PkgConfig::UV PkgConfig::SQLITE)
endforeach()
