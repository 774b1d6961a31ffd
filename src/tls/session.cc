// SPDX-License-Identifier: MIT

#include "tls/session.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <utility>

namespace uwsgi::tls {
namespace {

constexpr std::size_t kRecord = 16 * 1024;
constexpr std::size_t kMostVariables = 8;

std::string TextOf(BIO* bio) {
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio, &text);
  return size > 0 ? std::string(text, static_cast<std::size_t>(size)) : std::string();
}

// What `write` writes to a memory BIO.
template <typename Write>
std::string Written(Write write) {
  BIO* bio = BIO_new(BIO_s_mem());
  if (bio == nullptr) return {};
  write(bio);
  std::string text = TextOf(bio);
  BIO_free(bio);
  return text;
}

std::string NameText(const X509_NAME* name) {
  return Written([&](BIO* bio) { X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253); });
}

}  // namespace

void Session::Free::operator()(ssl_st* session) const { SSL_free(session); }

Session::Session(ssl_st* session, bool export_certificate)
    : session_(session), export_certificate_(export_certificate) {}

Session::~Session() = default;

IoStatus Session::StatusOf(int result) {
  switch (SSL_get_error(session_.get(), result)) {
    case SSL_ERROR_NONE:
      return IoStatus::kOk;
    case SSL_ERROR_WANT_READ:
      wants_write_ = false;
      return IoStatus::kWouldBlock;
    case SSL_ERROR_WANT_WRITE:
      wants_write_ = true;
      return IoStatus::kWouldBlock;
    case SSL_ERROR_ZERO_RETURN:
      return IoStatus::kEnd;
    default:
      return IoStatus::kClosed;
  }
}

// OpenSSL has refused what does not verify; but of a resumed session it takes the certificate, or
// the lack of one, for granted.
bool Session::is_client_verified() const {
  const int mode = SSL_get_verify_mode(session_.get());
  if ((mode & SSL_VERIFY_PEER) == 0) return true;
  if (SSL_get0_peer_certificate(session_.get()) != nullptr) {
    return SSL_get_verify_result(session_.get()) == X509_V_OK;
  }
  return (mode & SSL_VERIFY_FAIL_IF_NO_PEER_CERT) == 0;
}

IoStatus Session::Handshake() {
  ERR_clear_error();
  const IoStatus status = StatusOf(SSL_do_handshake(session_.get()));
  if (status == IoStatus::kOk && !is_client_verified()) {
    failure_ = "the client has shown no certificate that counts here";
    return IoStatus::kClosed;
  }
  if (status == IoStatus::kOk) {
    kernel_encrypts_ = BIO_get_ktls_send(SSL_get_wbio(session_.get())) > 0;
    DescribeClient();
  } else if (status != IoStatus::kWouldBlock) {
    const unsigned long error = ERR_peek_error();
    is_plain_http_ =
        ERR_GET_LIB(error) == ERR_LIB_SSL && ERR_GET_REASON(error) == SSL_R_HTTP_REQUEST;
    const char* reason = ERR_reason_error_string(error);
    failure_ = reason == nullptr ? "the peer has left" : reason;
    ERR_clear_error();
    return IoStatus::kClosed;
  }
  return status;
}

const ssl_ctx_st* Session::context() const { return SSL_get_SSL_CTX(session_.get()); }

IoOutcome Session::Read(std::span<char> into) {
  const std::lock_guard<std::mutex> lock(mutex_);
  ERR_clear_error();
  std::size_t count = 0;
  const int result = SSL_read_ex(session_.get(), into.data(), into.size(), &count);
  if (result == 1) return {count, IoStatus::kOk};
  return {0, StatusOf(result)};
}

bool Session::has_buffered() const { return SSL_has_pending(session_.get()) == 1; }

IoOutcome Session::Write(std::string_view bytes) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (pending_ > 0) {
    static constexpr std::array<char, kRecord> kAnything{};
    const IoOutcome outcome = WriteRecord({kAnything.data(), pending_});
    if (outcome.status != IoStatus::kOk) return outcome;
    pending_ = 0;
    credit_ += outcome.bytes;
  }
  if (credit_ == 0) return WriteRecord(bytes.substr(0, kRecord));
  const std::size_t count = std::min(credit_, bytes.size());
  credit_ -= count;
  return {count, IoStatus::kOk};
}

IoOutcome Session::WriteRecord(std::string_view bytes) {
  ERR_clear_error();
  std::size_t count = 0;
  const int result = SSL_write_ex(session_.get(), bytes.data(), bytes.size(), &count);
  if (result == 1) return {count, IoStatus::kOk};
  const IoStatus status = StatusOf(result);
  if (status == IoStatus::kWouldBlock) pending_ = bytes.size();
  return {0, status == IoStatus::kEnd ? IoStatus::kClosed : status};
}

void Session::NotifyClose() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (SSL_is_init_finished(session_.get()) == 0 || pending_ > 0) return;
  SSL_shutdown(session_.get());
  ERR_clear_error();
}

void Session::AddVariable(std::string_view key, std::string value) {
  values_.push_back(std::move(value));
  variables_.push_back({key, values_.back()});
}

void Session::DescribeClient() {
  if ((SSL_get_verify_mode(session_.get()) & SSL_VERIFY_PEER) == 0) return;
  values_.reserve(kMostVariables);  // The views stay valid.
  variables_.reserve(kMostVariables);
  X509* const client = SSL_get1_peer_certificate(session_.get());
  AddVariable("SSL_CLIENT_VERIFY", client == nullptr ? "NONE" : "SUCCESS");
  if (client == nullptr) return;
  const std::string subject = NameText(X509_get_subject_name(client));
  AddVariable("HTTPS_DN", subject);
  AddVariable("SSL_CLIENT_S_DN", subject);
  AddVariable("SSL_CLIENT_I_DN", NameText(X509_get_issuer_name(client)));
  AddVariable("SSL_CLIENT_M_SERIAL",
              Written([&](BIO* bio) { i2a_ASN1_INTEGER(bio, X509_get0_serialNumber(client)); }));
  if (export_certificate_) {
    const std::string text = Written([&](BIO* bio) { PEM_write_bio_X509(bio, client); });
    AddVariable("HTTPS_CC", text);
    AddVariable("SSL_CLIENT_CERT", text);
  }
  X509_free(client);
}

}  // namespace uwsgi::tls
