// SPDX-License-Identifier: MIT

#include "tls/credentials.h"

#include <openssl/rand.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "base/fields.h"
#include "base/log.h"
#include "tls/server_context.h"

namespace uwsgi::tls {
namespace {

Result<std::string> ReadFile(const std::string& path, std::string_view what) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    Error error = SystemError("cannot read the " + std::string(what) + " " + path, errno);
    if (errno == EACCES) error.code = ErrorCode::kDenied;
    return error;
  }
  return std::string(std::istreambuf_iterator<char>(file), {});
}

Result<Credentials> ReadCredentials(const TlsIdentity& files) {
  Credentials read;
  read.files = files;
  auto certificate = ReadFile(files.certificate, "certificate");
  if (!certificate) return certificate.error();
  read.certificate = *std::move(certificate);
  auto key = ReadFile(files.key, "key");
  if (!key) return key.error();
  read.key = *std::move(key);
  if (files.client_ca.empty()) return read;
  auto client_ca = ReadFile(files.client_ca, "clients' authority");
  if (!client_ca) return client_ca.error();
  read.client_ca = *std::move(client_ca);
  return read;
}

// sni-dir: NAME.crt, NAME.key and perhaps NAME.ca for each server name.
std::vector<TlsIdentity> IdentitiesIn(const std::string& directory, const std::string& ciphers) {
  std::vector<TlsIdentity> found;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    std::filesystem::path path = entry.path();
    if (path.extension() != ".crt") continue;
    TlsIdentity identity;
    identity.name = path.stem();
    identity.certificate = path;
    identity.key = path.replace_extension(".key");
    identity.ciphers = ciphers;
    if (std::filesystem::exists(path.replace_extension(".ca"))) identity.client_ca = path;
    found.push_back(std::move(identity));
  }
  std::ranges::sort(found, {}, &TlsIdentity::name);
  return found;
}

std::vector<TlsIdentity> NamesOf(const TlsOptions& options) {
  std::vector<TlsIdentity> names = options.names;
  if (options.sni_dir.empty()) return names;
  auto more = IdentitiesIn(options.sni_dir, options.sni_dir_ciphers);
  names.insert(names.end(), std::move_iterator(more.begin()), std::move_iterator(more.end()));
  return names;
}

Result<void> Add(std::vector<Credentials>& to, const std::vector<TlsIdentity>& identities) {
  for (const TlsIdentity& identity : identities) {
    auto read = ReadCredentials(identity);
    if (!read) return read.error();
    to.push_back(*std::move(read));
  }
  return {};
}

void AppendCredentials(std::string& text, const std::vector<Credentials>& all) {
  AppendNumber(text, all.size());
  for (const Credentials& each : all) {
    AppendField(text, each.files.name);
    AppendField(text, each.files.certificate);
    AppendField(text, each.files.key);
    AppendField(text, each.files.ciphers);
    AppendField(text, each.files.client_ca);
    AppendNumber(text, each.files.client_must ? 1 : 0);
    AppendField(text, each.certificate);
    AppendField(text, each.key);
    AppendField(text, each.client_ca);
  }
}

std::vector<Credentials> NextCredentials(FieldReader& reader) {
  std::vector<Credentials> all;
  for (auto left = reader.NextNumber<std::size_t>(); left > 0 && !reader.failed(); --left) {
    Credentials each;
    each.files.name = reader.Next();
    each.files.certificate = reader.Next();
    each.files.key = reader.Next();
    each.files.ciphers = reader.Next();
    each.files.client_ca = reader.Next();
    each.files.client_must = reader.NextNumber<int>() != 0;
    each.certificate = reader.Next();
    each.key = reader.Next();
    each.client_ca = reader.Next();
    all.push_back(std::move(each));
  }
  return all;
}

}  // namespace

Result<Material> MaterialReader::ReadFiles(const TlsOptions& options) const {
  Material material;
  material.ticket_key = ticket_key_;
  material.session_context = options.session_context;
  material.export_certificate = options.export_certificate;
  if (auto added = Add(material.endpoints, options.endpoints); !added) return added.error();
  if (auto added = Add(material.names, NamesOf(options)); !added) return added.error();
  if (auto made = ServerContexts::Make(material); !made) return made.error();
  return material;
}

Result<std::string> MaterialReader::Read(const TlsOptions& options) {
  if (options.endpoints.empty()) return std::string();
  if (ticket_key_.empty()) {
    ticket_key_.resize(kTicketKeySize);
    auto* const bytes = reinterpret_cast<unsigned char*>(ticket_key_.data());
    if (RAND_bytes(bytes, static_cast<int>(ticket_key_.size())) != 1) {
      return Error{ErrorCode::kSystem, "the system gives no random bytes for session tickets"};
    }
  }
  const auto material = ReadFiles(options);
  if (!material && material.error().code == ErrorCode::kDenied && !last_.empty()) {
    LogWarning("{}: the certificates stay as they are", material.error().message);
    return last_;
  }
  if (!material) return material.error();
  for (const auto* all : {&material->endpoints, &material->names}) {
    for (const Credentials& each : *all) WarnOfExpiry(each);
  }
  last_ = Encode(*material);
  return last_;
}

std::vector<std::string> FilesOf(const TlsOptions& options) {
  std::vector<std::string> files;
  if (options.endpoints.empty()) return files;
  for (const auto& all : {options.endpoints, NamesOf(options)}) {
    for (const TlsIdentity& each : all) {
      for (const std::string& file : {each.certificate, each.key, each.client_ca}) {
        if (!file.empty()) files.push_back(file);
      }
    }
  }
  std::ranges::sort(files);
  files.erase(std::unique(files.begin(), files.end()), files.end());
  return files;
}

std::string Encode(const Material& material) {
  std::string text;
  AppendCredentials(text, material.endpoints);
  AppendCredentials(text, material.names);
  AppendField(text, material.ticket_key);
  AppendField(text, material.session_context);
  AppendNumber(text, material.export_certificate ? 1 : 0);
  return text;
}

Result<Material> Decode(std::string_view text) {
  Material material;
  if (text.empty()) return material;
  FieldReader reader(text);
  material.endpoints = NextCredentials(reader);
  material.names = NextCredentials(reader);
  material.ticket_key = reader.Next();
  material.session_context = reader.Next();
  material.export_certificate = reader.NextNumber<int>() != 0;
  if (!reader.failed() && reader.at_end()) return material;
  return Error{ErrorCode::kMalformed, "cannot read the certificates: the text is cut short"};
}

}  // namespace uwsgi::tls
