# SPDX-License-Identifier: Apache-2.0
#
# Installed: headers, libraries, ockam.pc and ockam-core.pc, the package for find_package(Ockam).
