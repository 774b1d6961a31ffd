# SPDX-License-Identifier: MIT
"""The macro benchmarks: this server beside its peers. tests/bench/run starts them."""
