// SPDX-License-Identifier: MIT

#include "python/interpreter.h"

#include <signal.h>
#include <unistd.h>

#include <cstdarg>
#include <cstdlib>
#include <sstream>
#include <vector>

#include "base/log.h"
#include "python/error_text.h"
#include "python/forked_child.h"
#include "python/python_home.h"
#include "python/stack_writer.h"

namespace uwsgi::python {

extern const char kRuntimeSupportSource[];
extern const char kDecoratorsSource[];

namespace {

constexpr const char* kMinorVersion =
    Py_STRINGIFY(PY_MAJOR_VERSION) "." Py_STRINGIFY(PY_MINOR_VERSION);

class Config {
 public:
  Config() { PyConfig_InitPythonConfig(&config_); }
  ~Config() { PyConfig_Clear(&config_); }
  Config(const Config&) = delete;
  Config& operator=(const Config&) = delete;

  PyConfig* operator->() { return &config_; }
  PyConfig* get() { return &config_; }

  void Set(wchar_t** field, const std::string& value) {
    if (!PyStatus_Exception(status_)) {
      status_ = PyConfig_SetBytesString(&config_, field, value.c_str());
    }
  }

  PyStatus Initialize() {
    return PyStatus_Exception(status_) ? status_ : Py_InitializeFromConfig(&config_);
  }

 private:
  PyConfig config_{};
  PyStatus status_ = PyStatus_Ok();
};

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

// Python installs its SIGINT handler when the module below `signal` is first imported, whatever the
// configuration says: import it now and put the process's handler back.
void ImportSignalQuietly() {
  struct sigaction saved {};
  ::sigaction(SIGINT, nullptr, &saved);
  if (!Handle::Steal(PyImport_ImportModule("_signal"))) PyErr_Clear();
  ::sigaction(SIGINT, &saved, nullptr);
}

// The first of these programs that can be run; empty when none can.
std::string FirstExecutable(const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    if (::access(path.c_str(), X_OK) == 0) return path;
  }
  return "";
}

// The Python program that has what this interpreter has. An empty text where none is installed: as
// of any Python that can not say, and better than a program that is no Python.
std::string ExecutableOf(const PythonHome& home) {
  const std::string versioned = std::string("/bin/python") + kMinorVersion;
  std::vector<std::string> candidates;
  if (!home.virtualenv.empty()) candidates.push_back(home.virtualenv + "/bin/python");
  if (!home.prefix.empty()) candidates.push_back(home.prefix + versioned);
  candidates.push_back(UWSGI_PYTHON_PREFIX + versioned);
  return FirstExecutable(candidates);
}

void SetSys(const char* name, const Handle& value) {
  if (!value || PySys_SetObject(name, value.get()) != 0) LogPythonError("cannot set a sys name");
}

}  // namespace

Interpreter::~Interpreter() {
  // Without the GIL, and the process is about to end: leak rather than touch Python.
  if (started_ && PyGILState_Check() == 0) static_cast<void>(support_.release());
}

Result<void> Interpreter::Start(const InterpreterOptions& options) {
  if (Py_IsInitialized() == 0) {
    if (auto started = StartCPython(options); !started) return started;
  } else {
    Attach(options);
  }
  started_ = true;
  PrepareStackWriter();
  if (auto ready = RunSupportCode(); !ready) return ready;
  SetPaths(options);
  return {};
}

Result<void> Interpreter::StartCPython(const InterpreterOptions& options) {
  auto home = ResolvePythonHome(
      options.home, Environment("VIRTUAL_ENV"), kMinorVersion,
      fmt::format("this server embeds {0}: make it anew with python{0} -m venv", kMinorVersion));
  if (!home) return std::move(home).error();
  const std::string prefix = UWSGI_PYTHON_PREFIX;

  Config config;
  config->install_signal_handlers = 0;
  config->parse_argv = 0;
  config->site_import = options.no_site ? 0 : 1;
  config->optimization_level = options.optimize;
  // The embedded Python's own standard library also inside of an environment: another
  // build of the same version keeps other modules in extension files.
  config.Set(&config->program_name, prefix + "/bin/python" + kMinorVersion);
  if (!home->virtualenv.empty()) {
    config.Set(&config->home, prefix);
    // site.py finds pyvenv.cfg from here.
    config.Set(&config->executable, home->virtualenv + "/bin/python");
  } else if (!home->prefix.empty()) {
    config.Set(&config->home, home->prefix);
  }
  const PyStatus status = config.Initialize();
  if (PyStatus_Exception(status)) {
    return Error{ErrorCode::kSystem,
                 fmt::format("cannot start Python {}: {}", kMinorVersion,
                             status.err_msg != nullptr ? status.err_msg : "unknown error")};
  }
  ImportSignalQuietly();
  environment_ = home->virtualenv.empty() ? home->prefix : home->virtualenv;
  executable_ = options.executable.empty() ? ExecutableOf(*home) : options.executable;
  // Programs start it to run Python: multiprocessing, subprocess. It is never this server.
  SetSys("executable", FsText(executable_));
  return {};
}

void Interpreter::Attach(const InterpreterOptions& options) {
  const auto text_of = [](const char* name) {
    PyObject* value = PySys_GetObject(name);  // Borrowed.
    const char* text = value != nullptr ? PyUnicode_AsUTF8(value) : nullptr;
    if (text == nullptr) PyErr_Clear();
    return std::string(text != nullptr ? text : "");
  };
  const std::string prefix = text_of("prefix");
  environment_ = prefix == text_of("base_prefix") ? "" : prefix;
  if (!options.executable.empty()) SetSys("executable", FsText(options.executable));
  executable_ = text_of("executable");
}

void Interpreter::PrependPath(const std::string& path) {
  const Handle text = FsText(path);
  PyObject* list = PySys_GetObject("path");  // Borrowed.
  if (!text || list == nullptr || PyList_Insert(list, 0, text.get()) != 0) {
    LogPythonError("cannot extend sys.path");
  }
}

void Interpreter::SetPaths(const InterpreterOptions& options) {
  PrependPath(".");
  for (const std::string& path : options.python_path) PrependPath(path);

  Handle argv = Handle::Steal(PyList_New(0));
  std::istringstream words("uwsgi " + options.pyargv);
  for (std::string word; words >> word;) {
    const Handle text = FsText(word);
    if (text) PyList_Append(argv.get(), text.get());
  }
  SetSys("argv", argv);

  if (::isatty(STDIN_FILENO) == 0) {
    SetSys("stdout", CallSupport("line_stream", "(s)", "surrogateescape"));
    SetSys("stderr", CallSupport("line_stream", "(s)", "backslashreplace"));
  }
}

Result<void> Interpreter::RunSupportCode() {
  const Error failed{ErrorCode::kSystem, "cannot run the server's own Python code"};
  Handle names = Handle::Steal(PyDict_New());
  const Handle name = Handle::Steal(PyUnicode_FromString("_uwsgi_runtime"));
  if (!names || PyDict_SetItemString(names.get(), "__name__", name.get()) != 0 ||
      PyDict_SetItemString(names.get(), "__builtins__", PyEval_GetBuiltins()) != 0) {
    return failed;
  }
  const Handle code = Handle::Steal(
      Py_CompileString(kRuntimeSupportSource, "<uwsgi runtime_support>", Py_file_input));
  if (!code || !Handle::Steal(PyEval_EvalCode(code.get(), names.get(), names.get()))) {
    LogPythonError(failed.message);
    return failed;
  }
  support_ = std::move(names);
  if (!CallSupport("install_finder", "({ss})", "uwsgidecorators", kDecoratorsSource)) {
    LogPythonError("cannot offer uwsgidecorators");
  }
  if (!CallSupport("hold_log_handlers_over_forks", "()")) {
    LogPythonError("cannot watch over log handlers");
  }
  return {};
}

Handle Interpreter::CallSupport(const char* function, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  const Handle tuple = Handle::Steal(Py_VaBuildValue(format, arguments));
  va_end(arguments);
  PyObject* callable = PyDict_GetItemString(support_.get(), function);  // Borrowed.
  if (!tuple || callable == nullptr) return {};
  Handle result = Handle::Steal(PyObject_CallObject(callable, tuple.get()));
  EndIfForked();
  return result;
}

// Functions of the application run here, too.
void Interpreter::BeforeFork() {
  PyOS_BeforeFork();
  EndIfForked();
}

void Interpreter::AfterForkInParent() {
  PyOS_AfterFork_Parent();
  EndIfForked();
}

void Interpreter::AfterForkInChild() {
  PyOS_AfterFork_Child();
  EndIfForked();
  PrepareStackWriter();
}

void Interpreter::FreezeHeap() {
  if (!CallSupport("freeze_heap", "()")) LogPythonError("cannot freeze the heap");
}

bool Interpreter::IsAsgi(PyObject* app) {
  const Handle answer = CallSupport("is_asgi", "(O)", app);
  if (!answer) PyErr_Clear();
  return answer.get() == Py_True;
}

void Interpreter::ReleaseMainThread() { main_state_ = PyEval_SaveThread(); }

void Interpreter::ReacquireMainThread() {
  PyEval_RestoreThread(main_state_);
  main_state_ = nullptr;
}

void Interpreter::RunExitFunctions(std::chrono::milliseconds patience) {
  const double seconds = static_cast<double>(patience.count()) / 1000.0;
  const Handle left = CallSupport("finish_threads", "(d)", seconds);
  if (!left) LogPythonError("cannot wait for the application's threads");
  if (left && PyList_GET_SIZE(left.get()) > 0) {
    const Handle text = Handle::Steal(PyObject_Repr(left.get()));
    LogWarning("threads of the application did not end: {}",
               text ? PyUnicode_AsUTF8(text.get()) : "?");
  }
  if (!CallSupport("run_exit_functions", "()")) LogPythonError("an exit function failed");
}

std::string_view Interpreter::Version() { return Py_GetVersion(); }

std::string_view Interpreter::ReleaseNumber() {
  const std::string_view version = Version();
  return version.substr(0, version.find(' '));
}

std::string Interpreter::DescribeEnvironment() const {
  return fmt::format(
      "{}, sys.executable is {}",
      environment_.empty() ? "none, the modules are those of " UWSGI_PYTHON_PREFIX : environment_,
      executable_.empty() ? "not there" : executable_);
}

bool Interpreter::IsFreeThreaded() {
#ifdef Py_GIL_DISABLED
  return true;
#else
  return false;
#endif
}

bool Interpreter::IsParallel() {
#ifdef Py_GIL_DISABLED
  const Handle enabled = Handle::Steal(PyObject_CallNoArgs(PySys_GetObject("_is_gil_enabled")));
  return enabled && PyObject_IsTrue(enabled.get()) == 0;
#else
  return false;
#endif
}

}  // namespace uwsgi::python
