// SPDX-License-Identifier: MIT
//
// The extension module _uwsgi of a wheel: whatever runs applications, the zygote and its workers or
// a server of one process, inside the Python that has started it. See app/python_program.h.

#include <Python.h>

#include <unistd.h>

#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "app/process_setup.h"
#include "app/server.h"
#include "base/log.h"
#include "ipc/exit_code.h"
#include "os/process_title.h"
#include "python/handle.h"
#include "python/interpreter.h"
#include "zygote/zygote.h"

namespace uwsgi {
namespace {

// What ps shows of the process: the command that somebody has typed.
std::string CommandLine(const std::vector<std::string>& arguments) {
  std::string line;
  for (const std::string& argument : arguments) line += (line.empty() ? "" : " ") + argument;
  return line;
}

int RunHere(const std::vector<std::string>& arguments, bool is_zygote) {
  PrepareProcess();
  const Program program{arguments.empty() ? "" : arguments.front(), arguments};
  os::ProcessTitle title = os::ProcessTitle::OfThisProcess();
  title.Set(CommandLine(arguments));
  const auto set_up = [&](const auto& booted, const auto& leave) {
    return SetUpProcess(booted, program.path, title, leave);
  };
  if (is_zygote) RunZygote([&](const auto& booted) { return set_up(booted, ::_exit); });
  PlanReader reader(program, environ, [](const config::OptionSet&) -> Result<ZygoteCommand> {
    return ZygoteCommand{};
  });
  reader.SayErrorsOnly();  // The master's program, which this was, has said it.
  return RunServer(reader, title,
                   {.python_version = std::string(python::Interpreter::ReleaseNumber()),
                    .set_up = set_up,
                    .run_alone = nullptr});
}

// run(arguments, build, is_zygote): does not return. `arguments` are those of the server, with
// argv[0]; `build` is the master's.
PyObject* Run(PyObject*, PyObject* call) {
  PyObject* list = nullptr;  // These two are borrowed.
  const char* build = nullptr;
  int is_zygote = 0;
  if (PyArg_ParseTuple(call, "O!sp", &PyList_Type, &list, &build, &is_zygote) == 0) return nullptr;
  if (std::strcmp(build, UWSGI_BUILD_ID) != 0) {
    LogError(
        "this master was started from another installation of uwsgi than is here now: restart the "
        "server");
    ::_exit(ToInt(ExitCode::kFailed));
  }
  std::vector<std::string> arguments;
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list); ++i) {
    const auto bytes = python::Handle::Steal(PyUnicode_EncodeFSDefault(PyList_GET_ITEM(list, i)));
    if (!bytes) return nullptr;
    arguments.emplace_back(PyBytes_AS_STRING(bytes.get()));
  }
  // Python's own end would finalise an interpreter that threads of the application may still use.
  ::_exit(RunHere(arguments, is_zygote != 0));
}

}  // namespace
}  // namespace uwsgi

PyMODINIT_FUNC PyInit__uwsgi() {
  static std::array<PyMethodDef, 2> methods = {{
      {"run", uwsgi::Run, METH_VARARGS, "Serve as a process of uwsgi; does not return."},
      {nullptr, nullptr, 0, nullptr},
  }};
#ifdef Py_GIL_DISABLED
  static std::array<PyModuleDef_Slot, 2> slots = {{
      {Py_mod_gil, Py_MOD_GIL_NOT_USED},
      {0, nullptr},
  }};
#else
  static std::array<PyModuleDef_Slot, 1> slots = {{{0, nullptr}}};
#endif
  static PyModuleDef definition = {PyModuleDef_HEAD_INIT,
                                   "_uwsgi",
                                   "Everything of uwsgi that runs applications.",
                                   0,
                                   methods.data(),
                                   slots.data(),
                                   nullptr,
                                   nullptr,
                                   nullptr};
  return PyModuleDef_Init(&definition);
}
