-- SPDX-License-Identifier: MIT
-- What wrk sends in the echo cases: 10 KB of body in each request.

wrk.method = "POST"
wrk.body = string.rep("x", 10240)
wrk.headers["Content-Type"] = "application/octet-stream"
