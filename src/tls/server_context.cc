// SPDX-License-Identifier: MIT

#include "tls/server_context.h"

#include <fmt/core.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <string_view>
#include <utility>

#include "base/ascii.h"
#include "base/fields.h"

namespace uwsgi::tls {
namespace {

// Forward secrecy and authenticated encryption only. TLS 1.3 has its own list.
constexpr const char* kCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr long kExpiresSoon = 7L * 24 * 3600;

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
struct FreeCertificate {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Bio = std::unique_ptr<BIO, FreeBio>;
using Certificate = std::unique_ptr<X509, FreeCertificate>;
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;

Bio Reader(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

Error Refused(std::string_view what, const std::string& file, std::string_view advice) {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  std::string message = fmt::format("cannot use the {} {}: {}; {}", what, file,
                                    reason == nullptr ? "it holds none" : reason, advice);
  ERR_clear_error();
  return {ErrorCode::kInvalid, std::move(message)};
}

constexpr std::string_view kWritePem = "it has to be in PEM format";
constexpr std::string_view kIssueAnother = "have another one issued";

// After the last PEM object that could be read: nothing follows that is broken. The end of the
// text counts as an error, too, which this takes away.
bool IsAtEnd() {
  const unsigned long error = ERR_peek_last_error();
  if (ERR_GET_LIB(error) != ERR_LIB_PEM || ERR_GET_REASON(error) != PEM_R_NO_START_LINE) {
    return false;
  }
  ERR_clear_error();
  return true;
}

// Nobody is there to be asked for a passphrase.
int NoPassphrase(char*, int, int, void*) { return 0; }

Result<void> UseCertificate(SSL_CTX* context, const Credentials& credentials) {
  const std::string& file = credentials.files.certificate;
  const Bio text = Reader(credentials.certificate);
  const Certificate leaf(PEM_read_bio_X509_AUX(text.get(), nullptr, NoPassphrase, nullptr));
  if (!leaf) return Refused("certificate", file, kWritePem);
  if (SSL_CTX_use_certificate(context, leaf.get()) != 1) {
    return Refused("certificate", file, kIssueAnother);
  }
  while (Certificate issuer{PEM_read_bio_X509(text.get(), nullptr, NoPassphrase, nullptr)}) {
    if (SSL_CTX_add1_chain_cert(context, issuer.get()) != 1) {
      return Refused("certificate", file, kIssueAnother);
    }
  }
  return IsAtEnd() ? Result<void>() : Refused("certificate", file, kWritePem);
}

Result<void> UseKey(SSL_CTX* context, const Credentials& credentials) {
  const std::string& file = credentials.files.key;
  if (credentials.key.find("ENCRYPTED") != std::string::npos) {
    return Error{ErrorCode::kInvalid,
                 fmt::format("cannot use the key {}: it has a passphrase; `openssl pkey -in {} "
                             "-out NEW` takes it off",
                             file, file)};
  }
  const Bio text = Reader(credentials.key);
  const Key key(PEM_read_bio_PrivateKey(text.get(), nullptr, NoPassphrase, nullptr));
  if (!key) return Refused("key", file, kWritePem);
  if (SSL_CTX_use_PrivateKey(context, key.get()) == 1 &&
      SSL_CTX_check_private_key(context) == 1) {  // It has none to check a key of another kind by.
    return {};
  }
  ERR_clear_error();
  return Error{ErrorCode::kInvalid,
               fmt::format("the key {} does not belong to the certificate {}; name the key that it "
                           "was issued for",
                           file, credentials.files.certificate)};
}

Result<void> AskClients(SSL_CTX* context, const Credentials& credentials) {
  const std::string& file = credentials.files.client_ca;
  if (file.empty()) return {};
  const Bio text = Reader(credentials.client_ca);
  X509_STORE* const store = SSL_CTX_get_cert_store(context);
  int count = 0;
  while (Certificate authority{PEM_read_bio_X509(text.get(), nullptr, NoPassphrase, nullptr)}) {
    if (X509_STORE_add_cert(store, authority.get()) != 1 ||
        SSL_CTX_add_client_CA(context, authority.get()) != 1) {
      return Refused("clients' authority", file, kIssueAnother);
    }
    ++count;
  }
  if (count == 0 || !IsAtEnd()) return Refused("clients' authority", file, kWritePem);
  const int must = credentials.files.client_must ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0;
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | must, nullptr);
  return {};
}

int ChooseProtocol(SSL*, const unsigned char** chosen, unsigned char* chosen_size,
                   const unsigned char* offered, unsigned int offered_size, void*) {
  static constexpr unsigned char kOurs[] = "\x08http/1.1\x08http/1.0";
  const int found = SSL_select_next_proto(const_cast<unsigned char**>(chosen), chosen_size, kOurs,
                                          sizeof(kOurs) - 1, offered, offered_size);
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

// The server name in the ClientHello that is being read. Empty also if it is malformed: OpenSSL
// refuses that itself, a little later.
std::string_view RequestedName(SSL* session) {
  static constexpr std::size_t kBeforeName = 5;  // The list's size, the type, the name's size.
  const unsigned char* bytes = nullptr;
  std::size_t size = 0;
  if (SSL_client_hello_get0_ext(session, TLSEXT_TYPE_server_name, &bytes, &size) != 1) return {};
  if (size < kBeforeName || bytes[2] != TLSEXT_NAMETYPE_host_name) return {};
  const std::size_t name_size = static_cast<std::size_t>(bytes[3]) << 8 | bytes[4];
  if (name_size != size - kBeforeName) return {};
  return {reinterpret_cast<const char*>(bytes) + kBeforeName, name_size};
}

// Runs before OpenSSL looks at the client's ticket, which the servername callback does not: the
// ticket is then held to the session id context of the name, not to that of the endpoint.
// SSL_set_SSL_CTX takes it over, and the certificates, but not the verify mode.
int ChooseName(SSL* session, int*, void* contexts) {
  const std::string_view name = RequestedName(session);
  SSL_CTX* const context = static_cast<const ServerContexts*>(contexts)->FindName(name);
  if (context == nullptr) return SSL_CLIENT_HELLO_SUCCESS;
  SSL_set_SSL_CTX(session, context);
  SSL_set_verify(session, SSL_CTX_get_verify_mode(context), nullptr);
  return SSL_CLIENT_HELLO_SUCCESS;
}

// The client is told that its name was looked at.
int AcknowledgeName(SSL*, int*, void*) { return SSL_TLSEXT_ERR_OK; }

// The authorities that a client's certificate has to be of, and whether they must. Empty: they need
// none.
std::string DemandsOf(const Credentials& credentials) {
  std::string demands;
  if (credentials.files.client_ca.empty()) return demands;
  AppendNumber(demands, credentials.files.client_must ? 1 : 0);
  AppendField(demands, credentials.client_ca);
  return demands;
}

// A session is resumed only where its context is the same: never past other demands than those
// that its client has met. Contexts that differ in their certificates alone are the same, so that
// renewing one costs no client its session.
void SetSessionContext(SSL_CTX* context, const Credentials& credentials, const Material& material) {
  std::string text;
  AppendField(text, material.session_context);
  AppendNumber(text, material.verify_depth);
  AppendField(text, credentials.files.name);
  AppendField(text, DemandsOf(credentials));
  std::array<unsigned char, SHA256_DIGEST_LENGTH> hash;
  static_assert(hash.size() <= SSL_MAX_SID_CTX_LENGTH);
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), hash.data());
  SSL_CTX_set_session_id_context(context, hash.data(), static_cast<unsigned>(hash.size()));
}

void SetBehaviour(SSL_CTX* context, const Material& material, const ServerContexts* contexts) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA |
                                   SSL_OP_ENABLE_KTLS);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_verify_depth(context, material.verify_depth);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);  // Tickets need none.
  std::string key = material.ticket_key;
  SSL_CTX_set_tlsext_ticket_keys(context, key.data(), static_cast<long>(key.size()));
  SSL_CTX_set_alpn_select_cb(context, ChooseProtocol, nullptr);
  SSL_CTX_set_client_hello_cb(context, ChooseName, const_cast<ServerContexts*>(contexts));
  SSL_CTX_set_tlsext_servername_callback(context, AcknowledgeName);
}

std::string DayOf(const ASN1_TIME* time) {
  std::tm date{};
  ASN1_TIME_to_tm(time, &date);
  return fmt::format("{}-{:02}-{:02}", date.tm_year + 1900, date.tm_mon + 1, date.tm_mday);
}

}  // namespace

void ServerContexts::Free::operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }

ServerContexts::~ServerContexts() = default;

Result<ServerContexts::Context> ServerContexts::MakeOne(const Credentials& credentials,
                                                        const Material& material) {
  Context context(SSL_CTX_new(TLS_server_method()));
  if (!context) return Error{ErrorCode::kSystem, "OpenSSL cannot be used"};
  SetBehaviour(context.get(), material, this);
  SetSessionContext(context.get(), credentials, material);
  const std::string& ciphers = credentials.files.ciphers;
  if (SSL_CTX_set_cipher_list(context.get(), ciphers.empty() ? kCiphers : ciphers.c_str()) != 1) {
    return Refused("ciphers", ciphers, "`openssl ciphers` lists them");
  }
  if (auto used = UseCertificate(context.get(), credentials); !used) return used.error();
  if (auto used = UseKey(context.get(), credentials); !used) return used.error();
  if (auto used = AskClients(context.get(), credentials); !used) return used.error();
  if (auto demands = DemandsOf(credentials); !demands.empty()) {
    demands_[context.get()] = std::move(demands);
  }
  return context;
}

Result<std::unique_ptr<ServerContexts>> ServerContexts::Make(const Material& material) {
  std::unique_ptr<ServerContexts> contexts(new ServerContexts);
  contexts->export_certificate_ = material.export_certificate;
  for (const Credentials& each : material.endpoints) {
    auto made = contexts->MakeOne(each, material);
    if (!made) return made.error();
    contexts->endpoints_.push_back(*std::move(made));
  }
  for (const Credentials& each : material.names) {
    std::string name = ToLower(each.files.name);
    if (contexts->names_.contains(name)) continue;  // The first counts, as in uWSGI.
    auto made = contexts->MakeOne(each, material);
    if (!made) return made.error();
    contexts->names_.emplace(std::move(name), *std::move(made));
  }
  return contexts;
}

Result<std::unique_ptr<ServerContexts>> ServerContexts::FromText(std::string_view text) {
  const auto material = Decode(text);
  if (!material) return material.error();
  return Make(*material);
}

std::unique_ptr<Session> ServerContexts::NewSession(int endpoint, int fd) const {
  SSL* session = SSL_new(endpoints_[static_cast<std::size_t>(endpoint)].get());
  if (session == nullptr) return nullptr;
  SSL_set_fd(session, fd);
  SSL_set_accept_state(session);
  return std::make_unique<Session>(session, export_certificate_);
}

ssl_ctx_st* ServerContexts::FindName(std::string_view asked) const {
  if (asked.ends_with('.')) asked.remove_suffix(1);  // The root, which means nothing here.
  const std::string name = ToLower(asked);
  auto found = names_.find(name);
  const std::size_t dot = name.find('.');
  if (found == names_.end() && dot != std::string::npos)
    found = names_.find("*" + name.substr(dot));
  return found == names_.end() ? nullptr : found->second.get();
}

bool ServerContexts::IsMisdirected(const Session& session, int endpoint,
                                   std::string_view host) const {
  if (demands_.empty()) return false;
  const ssl_ctx_st* wanted = FindName(host);
  if (wanted == nullptr) wanted = endpoints_[static_cast<std::size_t>(endpoint)].get();
  const auto demanded = demands_.find(wanted);
  if (demanded == demands_.end()) return false;
  const auto met = demands_.find(session.context());
  return met == demands_.end() || met->second != demanded->second;
}

std::string ExpiryOf(const Credentials& credentials) {
  const Bio text = Reader(credentials.certificate);
  const Certificate leaf(PEM_read_bio_X509_AUX(text.get(), nullptr, NoPassphrase, nullptr));
  if (!leaf) return {};
  std::time_t soon = std::time(nullptr) + kExpiresSoon;
  const ASN1_TIME* const begin = X509_get0_notBefore(leaf.get());
  const ASN1_TIME* const end = X509_get0_notAfter(leaf.get());
  const std::string& file = credentials.files.certificate;
  if (X509_cmp_current_time(end) < 0) {
    return fmt::format(
        "the certificate {} has expired on {}; clients refuse it until it is renewed", file,
        DayOf(end));
  }
  if (X509_cmp_current_time(begin) > 0) {
    return fmt::format("the certificate {} begins on {}; clients refuse it until then", file,
                       DayOf(begin));
  }
  if (X509_cmp_time(end, &soon) < 0) {
    return fmt::format("the certificate {} expires on {}; renew it", file, DayOf(end));
  }
  return {};
}

}  // namespace uwsgi::tls
