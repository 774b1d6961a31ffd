// SPDX-License-Identifier: MIT

#include "wsgi/environ_builder.h"

#include <cstdint>
#include <cstring>

namespace uwsgi::wsgi {
namespace {

using python::Handle;

constexpr std::string_view kSchemeKey = "wsgi.url_scheme";

// What nginx, proxies, browsers and command-line clients send.
constexpr std::string_view kUsualKeys[] = {"AUTH_TYPE",
                                           "CONTENT_LENGTH",
                                           "CONTENT_TYPE",
                                           "DOCUMENT_ROOT",
                                           "DOCUMENT_URI",
                                           "GATEWAY_INTERFACE",
                                           "HTTPS",
                                           "HTTP_ACCEPT",
                                           "HTTP_ACCEPT_CHARSET",
                                           "HTTP_ACCEPT_ENCODING",
                                           "HTTP_ACCEPT_LANGUAGE",
                                           "HTTP_ACCESS_CONTROL_REQUEST_HEADERS",
                                           "HTTP_ACCESS_CONTROL_REQUEST_METHOD",
                                           "HTTP_AUTHORIZATION",
                                           "HTTP_CACHE_CONTROL",
                                           "HTTP_CF_CONNECTING_IP",
                                           "HTTP_CF_IPCOUNTRY",
                                           "HTTP_CF_RAY",
                                           "HTTP_CF_VISITOR",
                                           "HTTP_CONNECTION",
                                           "HTTP_COOKIE",
                                           "HTTP_DATE",
                                           "HTTP_DNT",
                                           "HTTP_EXPECT",
                                           "HTTP_FORWARDED",
                                           "HTTP_FROM",
                                           "HTTP_HOST",
                                           "HTTP_IF_MATCH",
                                           "HTTP_IF_MODIFIED_SINCE",
                                           "HTTP_IF_NONE_MATCH",
                                           "HTTP_IF_RANGE",
                                           "HTTP_IF_UNMODIFIED_SINCE",
                                           "HTTP_KEEP_ALIVE",
                                           "HTTP_MAX_FORWARDS",
                                           "HTTP_ORIGIN",
                                           "HTTP_PRAGMA",
                                           "HTTP_PRIORITY",
                                           "HTTP_PROXY_AUTHORIZATION",
                                           "HTTP_RANGE",
                                           "HTTP_REFERER",
                                           "HTTP_SEC_CH_UA",
                                           "HTTP_SEC_CH_UA_MOBILE",
                                           "HTTP_SEC_CH_UA_PLATFORM",
                                           "HTTP_SEC_FETCH_DEST",
                                           "HTTP_SEC_FETCH_MODE",
                                           "HTTP_SEC_FETCH_SITE",
                                           "HTTP_SEC_FETCH_USER",
                                           "HTTP_SEC_GPC",
                                           "HTTP_SEC_WEBSOCKET_KEY",
                                           "HTTP_SEC_WEBSOCKET_PROTOCOL",
                                           "HTTP_SEC_WEBSOCKET_VERSION",
                                           "HTTP_TE",
                                           "HTTP_TRACEPARENT",
                                           "HTTP_TRACESTATE",
                                           "HTTP_TRAILER",
                                           "HTTP_TRANSFER_ENCODING",
                                           "HTTP_TRUE_CLIENT_IP",
                                           "HTTP_UPGRADE",
                                           "HTTP_UPGRADE_INSECURE_REQUESTS",
                                           "HTTP_USER_AGENT",
                                           "HTTP_VIA",
                                           "HTTP_X_AMZN_TRACE_ID",
                                           "HTTP_X_CSRFTOKEN",
                                           "HTTP_X_FORWARDED_FOR",
                                           "HTTP_X_FORWARDED_HOST",
                                           "HTTP_X_FORWARDED_PORT",
                                           "HTTP_X_FORWARDED_PROTO",
                                           "HTTP_X_FORWARDED_SSL",
                                           "HTTP_X_REAL_IP",
                                           "HTTP_X_REQUESTED_WITH",
                                           "HTTP_X_REQUEST_ID",
                                           "HTTP_X_REQUEST_START",
                                           "PATH_INFO",
                                           "PATH_TRANSLATED",
                                           "QUERY_STRING",
                                           "REMOTE_ADDR",
                                           "REMOTE_HOST",
                                           "REMOTE_IDENT",
                                           "REMOTE_PORT",
                                           "REMOTE_USER",
                                           "REQUEST_METHOD",
                                           "REQUEST_SCHEME",
                                           "REQUEST_URI",
                                           "SCRIPT_FILENAME",
                                           "SCRIPT_NAME",
                                           "SERVER_ADDR",
                                           "SERVER_NAME",
                                           "SERVER_PORT",
                                           "SERVER_PROTOCOL",
                                           "SERVER_SOFTWARE",
                                           "SSL_CLIENT_S_DN",
                                           "SSL_CLIENT_VERIFY",
                                           "SSL_CIPHER",
                                           "SSL_PROTOCOL",
                                           "UWSGI_APPID",
                                           "UWSGI_SCHEME",
                                           "wsgi.url_scheme"};

constexpr std::size_t kSlots = 1024;  // A power of two, about ten times the keys.
constexpr int kSlotBits = 10;

// The length and up to eight bytes from the end tell the usual keys apart almost always.
std::size_t SlotOf(std::string_view key) {
  std::uint64_t tail = 0;
  const std::size_t count = key.size() < sizeof(tail) ? key.size() : sizeof(tail);
  std::memcpy(&tail, key.data() + key.size() - count, count);
  const std::uint64_t mixed = (tail ^ (key.size() << 56)) * 0x9E3779B97F4A7C15ULL;
  return static_cast<std::size_t>(mixed >> (64 - kSlotBits));
}

// The bytes of a str made from latin-1, which the str keeps as they were.
std::string_view TextOf(PyObject* latin1) {
  return {reinterpret_cast<const char*>(PyUnicode_1BYTE_DATA(latin1)),
          static_cast<std::size_t>(PyUnicode_GET_LENGTH(latin1))};
}

}  // namespace

KeyTable::KeyTable() : slots_(kSlots) {
  for (const std::string_view key : kUsualKeys) Insert(key);
}

void KeyTable::Insert(std::string_view text) {
  PyObject* key = python::Latin1(text).release();
  if (key == nullptr) {
    ok_ = false;
    return;
  }
  PyUnicode_InternInPlace(&key);
  std::size_t slot = SlotOf(text);
  while (slots_[slot].key) slot = (slot + 1) % kSlots;
  slots_[slot] = {text, Handle::Steal(key)};
}

PyObject* KeyTable::Find(std::string_view key) const {
  for (std::size_t slot = SlotOf(key); slots_[slot].key; slot = (slot + 1) % kSlots) {
    if (slots_[slot].text == key) return slots_[slot].key.get();
  }
  return nullptr;
}

Handle EnvironBuilder::Build(const Request& request) {
  if (!Update(request) && !Rebuild(request)) {
    reusable_ = false;
    return {};
  }
  return Handle::Steal(PyDict_Copy(last_.get()));
}

bool EnvironBuilder::Update(const Request& request) {
  if (!reusable_ || entries_.size() != request.vars.size() + 1) return false;
  for (std::size_t i = 0; i < request.vars.size(); ++i) {
    const Var& var = request.vars[i];
    Entry& entry = entries_[i];
    if (entry.key_text != var.key) return false;
    if (entry.value_text != var.value && !UpdateEntry(entry, var.value)) return false;
  }
  Entry& scheme = entries_.back();
  return scheme.value_text == request.scheme || UpdateEntry(scheme, request.scheme);
}

bool EnvironBuilder::UpdateEntry(Entry& entry, std::string_view value) {
  Handle text = python::Latin1(value);
  if (!text || PyDict_SetItem(last_.get(), entry.key.get(), text.get()) != 0) {
    PyErr_Clear();
    return false;
  }
  entry.value = std::move(text);
  entry.value_text = TextOf(entry.value.get());
  return true;
}

bool EnvironBuilder::Rebuild(const Request& request) {
  entries_.clear();
  last_ = Handle::Steal(PyDict_Copy(base_.get()));
  if (!last_) return false;
  for (const Var& var : request.vars) {
    if (!AddEntry(var.key, var.value)) return false;
  }
  if (!AddEntry(kSchemeKey, request.scheme)) return false;
  const auto size = static_cast<std::size_t>(PyDict_GET_SIZE(last_.get()));
  const auto base_size = static_cast<std::size_t>(PyDict_GET_SIZE(base_.get()));
  reusable_ = size == base_size + entries_.size();
  return true;
}

bool EnvironBuilder::AddEntry(std::string_view key, std::string_view value) {
  Handle name = Handle::Share(keys_.Find(key));
  if (!name) name = python::Latin1(key);
  Handle text = python::Latin1(value);
  if (!name || !text || PyDict_SetItem(last_.get(), name.get(), text.get()) != 0) return false;
  const std::string_view name_text = TextOf(name.get());
  const std::string_view value_text = TextOf(text.get());
  entries_.push_back({std::move(name), std::move(text), name_text, value_text});
  return true;
}

}  // namespace uwsgi::wsgi
