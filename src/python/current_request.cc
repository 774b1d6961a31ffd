// SPDX-License-Identifier: MIT

#include "python/current_request.h"

namespace uwsgi::python {

CurrentRequest& ThisThreadsRequest() {
  thread_local CurrentRequest current;
  return current;
}

}  // namespace uwsgi::python
