# SPDX-License-Identifier: Apache-2.0
#
# Installed: headers, libraries, ockam.pc and ockam-core.pc, and the package that find_package(Ockam) finds.
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/Ockam)
install(DIRECTORY include/ockam DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(TARGETS ockam ockam_static ockam_core ${OCKAM_PROVIDERS} ockam_ipsec_mb EXPORT OckamTargets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
        RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(EXPORT OckamTargets NAMESPACE Ockam:: DESTINATION ${package_dir})
configure_package_config_file(cmake/OckamConfig.cmake.in ${CMAKE_BINARY_DIR}/OckamConfig.cmake
                              INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/OckamConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/OckamConfig.cmake ${CMAKE_BINARY_DIR}/OckamConfigVersion.cmake
        DESTINATION ${package_dir})

# A .pc file finds its prefix from its own place, so that an installation may be moved, or made with another prefix than
# the one that was configured. Absolute folders stay as they are.
set(pc_providers "")
foreach(provider ${OCKAM_PROVIDERS})
  string(APPEND pc_providers " -l${provider}")
endforeach()
set(pc_ipsec_mb "")
if(OCKAM_HAVE_IPSEC_MB)
  set(pc_ipsec_mb "-lIPSec_MB")
endif()
cmake_path(IS_ABSOLUTE CMAKE_INSTALL_LIBDIR absolute)
if(absolute)
  set(pc_prefix ${CMAKE_INSTALL_PREFIX})
  set(pc_libdir ${CMAKE_INSTALL_LIBDIR})
else()
  file(RELATIVE_PATH up /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
  string(REGEX REPLACE "/$" "" up ${up})
  set(pc_prefix \${pcfiledir}/${up})
  set(pc_libdir \${prefix}/${CMAKE_INSTALL_LIBDIR})
endif()
cmake_path(IS_ABSOLUTE CMAKE_INSTALL_INCLUDEDIR absolute)
if(absolute)
  set(pc_includedir ${CMAKE_INSTALL_INCLUDEDIR})
else()
  set(pc_includedir \${prefix}/${CMAKE_INSTALL_INCLUDEDIR})
endif()
foreach(package ockam ockam-core)
  configure_file(cmake/${package}.pc.in ${CMAKE_BINARY_DIR}/${package}.pc @ONLY)
  install(FILES ${CMAKE_BINARY_DIR}/${package}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()
