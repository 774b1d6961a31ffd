// SPDX-License-Identifier: MIT

#include "tls/credentials.h"

#include <fmt/core.h>
#include <openssl/rand.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "base/fields.h"
#include "base/log.h"
#include "os/read_file.h"
#include "tls/server_context.h"

namespace uwsgi::tls {
namespace {

Error Advised(Error error) {
  error.message +=
      error.code == ErrorCode::kDenied ? "; let the server's user read it" : "; correct its path";
  return error;
}

// Adds which option it is about, and of what: an address or a server name.
std::string In(std::string_view option, const std::string& name, std::string_view message) {
  return fmt::format("{} (--{} {})", message, option, name);
}

Error In(std::string_view option, const std::string& name, Error error) {
  error.message = In(option, name, error.message);
  return error;
}

Result<std::string> ReadPart(const std::string& path, std::string_view what) {
  auto text = os::ReadFile(path, what);
  if (!text) return Advised(text.error());
  return text;
}

Result<Credentials> ReadCredentials(const TlsIdentity& files) {
  Credentials read;
  read.files = files;
  auto certificate = ReadPart(files.certificate, "the certificate ");
  if (!certificate) return certificate.error();
  read.certificate = *std::move(certificate);
  auto key = ReadPart(files.key, "the key ");
  if (!key) return key.error();
  read.key = *std::move(key);
  if (files.client_ca.empty()) {
    if (!files.client_must) return read;
    return Error{ErrorCode::kInvalid,
                 "no clients' authority is named; write its file after the `!`"};
  }
  auto client_ca = ReadPart(files.client_ca, "the clients' authority ");
  if (!client_ca) return client_ca.error();
  read.client_ca = *std::move(client_ca);
  return read;
}

bool MayExist(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::symlink_status(path, ignored).type() !=
         std::filesystem::file_type::not_found;
}

// sni-dir: NAME.crt, NAME.key and perhaps NAME.ca for each server name.
Result<std::vector<TlsIdentity>> IdentitiesIn(const TlsOptions& options) {
  std::vector<TlsIdentity> found;
  if (options.sni_dir.empty()) return found;
  std::error_code error;
  std::filesystem::directory_iterator entry(options.sni_dir, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    std::filesystem::path path = entry->path();
    if (path.extension() != ".crt") continue;
    TlsIdentity identity;
    identity.name = path.stem();
    identity.certificate = path;
    identity.key = path.replace_extension(".key");
    identity.ciphers = options.sni_dir_ciphers;
    // A link that leads nowhere is no lack of an authority: reading it is the error.
    if (MayExist(path.replace_extension(".ca"))) identity.client_ca = path;
    found.push_back(std::move(identity));
  }
  if (error) {
    return In("sni-dir", options.sni_dir,
              Advised(SystemError("cannot read the directory " + options.sni_dir, error.value())));
  }
  std::ranges::sort(found, {}, &TlsIdentity::name);
  return found;
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

// Reads `identities`, which `option` names, and tries each. A certificate that several share is
// warned of once.
Result<void> MaterialReader::Add(std::vector<Credentials>& to,
                                 const std::vector<TlsIdentity>& identities,
                                 std::string_view option) const {
  for (const TlsIdentity& identity : identities) {
    auto read = ReadCredentials(identity);
    if (!read) return In(option, identity.name, read.error());
    Material alone;
    alone.endpoints = {*read};
    alone.ticket_key = ticket_key_;
    if (auto made = ServerContexts::Make(alone); !made) {
      return In(option, identity.name, made.error());
    }
    const bool is_known = std::ranges::any_of(to, [&](const Credentials& each) {
      return each.files.certificate == identity.certificate;
    });
    const std::string expiry = is_known ? "" : ExpiryOf(*read);
    if (!expiry.empty()) LogWarning("{}", In(option, identity.name, expiry));
    to.push_back(*std::move(read));
  }
  return {};
}

Result<Material> MaterialReader::ReadFiles(const TlsOptions& options) const {
  Material material;
  material.ticket_key = ticket_key_;
  material.verify_depth = options.verify_depth;
  material.session_context = options.session_context;
  material.export_certificate = options.export_certificate;
  const auto in_directory = IdentitiesIn(options);
  if (!in_directory) return in_directory.error();
  if (auto added = Add(material.endpoints, options.endpoints, "https"); !added) {
    return added.error();
  }
  if (auto added = Add(material.names, options.names, "sni"); !added) return added.error();
  if (auto added = Add(material.names, *in_directory, "sni-dir"); !added) return added.error();
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
    LogWarning("{}; the certificates stay as they are", material.error().message);
    return last_;
  }
  if (!material) return material.error();
  last_ = Encode(*material);
  return last_;
}

std::vector<std::string> FilesOf(const TlsOptions& options) {
  std::vector<std::string> files;
  if (options.endpoints.empty()) return files;
  if (!options.sni_dir.empty()) files.push_back(options.sni_dir);  // For what comes and goes.
  const auto in_directory = IdentitiesIn(options);
  const std::vector<TlsIdentity> none;
  for (const auto* all :
       {&options.endpoints, &options.names, in_directory ? &*in_directory : &none}) {
    for (const TlsIdentity& each : *all) {
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
  AppendNumber(text, material.verify_depth);
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
  material.verify_depth = reader.NextNumber<int>();
  material.session_context = reader.Next();
  material.export_certificate = reader.NextNumber<int>() != 0;
  if (!reader.failed() && reader.at_end()) return material;
  return Error{ErrorCode::kMalformed, "cannot read the certificates: the text is cut short"};
}

}  // namespace uwsgi::tls
