// SPDX-License-Identifier: MIT

#include "tls/session.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <string>

#include "base/unique_fd.h"
#include "support/temp_dir.h"
#include "tls/credentials.h"
#include "tls/server_context.h"

namespace uwsgi::tls {
namespace {

struct FreeSsl {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};

// Both ends of a connection in one thread: sockets that take little at a time.
class SessionTest : public testing::Test {
 protected:
  SessionTest() {
    const std::string command =
        "cd " + directory_.path() +
        " && openssl req -x509 -nodes -days 2 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -keyout "
        "key.pem -out certificate.pem -subj /CN=test 2>/dev/null";
    EXPECT_EQ(std::system(command.c_str()), 0);  // NOLINT(cert-env33-c)
    TlsOptions options;
    TlsIdentity identity;
    identity.name = ":8443";
    identity.certificate = directory_ / "certificate.pem";
    identity.key = directory_ / "key.pem";
    options.endpoints = {identity};
    MaterialReader reader;
    const auto text = reader.Read(options);
    EXPECT_TRUE(text) << text.error().message;
    contexts_ = *ServerContexts::Make(*Decode(*text));

    std::array<int, 2> fds{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds.data()), 0);
    const int little = 4096;
    ::setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &little, sizeof(little));
    server_fd_.reset(fds[0]);
    client_fd_.reset(fds[1]);
    server_ = contexts_->NewSession(0, server_fd_.get());
    client_context_.reset(SSL_CTX_new(TLS_client_method()));
    client_.reset(SSL_new(client_context_.get()));
    SSL_set_fd(client_.get(), client_fd_.get());
  }

  void ShakeHands() {
    IoStatus status = IoStatus::kWouldBlock;
    for (int turn = 0; turn < 100 && status == IoStatus::kWouldBlock; ++turn) {
      SSL_connect(client_.get());
      status = server_->Handshake();
    }
    ASSERT_EQ(status, IoStatus::kOk) << server_->failure();
  }

  // What the client has got, as far as it is there.
  void ClientReads(std::string& into) {
    std::array<char, 5000> piece;
    std::size_t count = 0;
    while (SSL_read_ex(client_.get(), piece.data(), piece.size(), &count) == 1) {
      into.append(piece.data(), count);
    }
  }

  TempDir directory_;
  std::unique_ptr<ServerContexts> contexts_;
  UniqueFd server_fd_;
  UniqueFd client_fd_;
  std::unique_ptr<Session> server_;
  std::unique_ptr<SSL_CTX, FreeSsl> client_context_;
  std::unique_ptr<SSL, FreeSsl> client_;
};

TEST_F(SessionTest, BytesThatWereNotTakenMayComeAgainInOtherPieces) {
  ShakeHands();
  std::string sent;
  for (int i = 0; i < 700'000; ++i) sent += static_cast<char>(i * 7 + i / 251);
  std::string received;
  std::size_t at = 0;
  int refusals = 0;
  for (std::size_t size = 1; at < sent.size(); size = size * 7 % 60'013 + 1) {
    const IoOutcome outcome = server_->Write(std::string_view(sent).substr(at, size));
    ASSERT_TRUE(outcome.status == IoStatus::kOk || outcome.status == IoStatus::kWouldBlock);
    at += outcome.bytes;
    if (outcome.status == IoStatus::kOk) continue;
    ++refusals;
    ClientReads(received);
  }
  server_->NotifyClose();
  ClientReads(received);
  EXPECT_EQ(received, sent);
  EXPECT_GT(refusals, 10);
  EXPECT_EQ(SSL_get_shutdown(client_.get()) & SSL_RECEIVED_SHUTDOWN, SSL_RECEIVED_SHUTDOWN);
}

TEST_F(SessionTest, TellsTheEndFromACut) {
  ShakeHands();
  std::array<char, 100> bytes;
  EXPECT_EQ(server_->Read(bytes).status, IoStatus::kWouldBlock);
  std::size_t count = 0;
  SSL_write_ex(client_.get(), "hello", 5, &count);
  EXPECT_EQ(server_->Read(std::span(bytes).first(2)).bytes, 2U);
  EXPECT_TRUE(server_->has_buffered());
  EXPECT_EQ(server_->Read(bytes).bytes, 3U);
  EXPECT_FALSE(server_->has_buffered());
  SSL_shutdown(client_.get());
  EXPECT_EQ(server_->Read(bytes).status, IoStatus::kEnd);
}

TEST_F(SessionTest, ACutIsNoEnd) {
  ShakeHands();
  client_fd_.reset();
  std::array<char, 100> bytes;
  EXPECT_EQ(server_->Read(bytes).status, IoStatus::kClosed);
}

TEST_F(SessionTest, KnowsPlainHttp) {
  const std::string_view request = "GET / HTTP/1.1\r\n\r\n";
  ASSERT_EQ(::send(client_fd_.get(), request.data(), request.size(), 0),
            static_cast<ssize_t>(request.size()));
  EXPECT_EQ(server_->Handshake(), IoStatus::kClosed);
  EXPECT_TRUE(server_->is_plain_http());
}

// No session that would lack it is resumed; this stands behind that.
TEST_F(SessionTest, WithoutADemandedCertificateTheHandshakeFails) {
  const std::unique_ptr<SSL_CTX, FreeSsl> context(SSL_CTX_new(TLS_server_method()));
  const std::string certificate = directory_ / "certificate.pem";
  const std::string key = directory_ / "key.pem";
  SSL_CTX_use_certificate_file(context.get(), certificate.c_str(), SSL_FILETYPE_PEM);
  SSL_CTX_use_PrivateKey_file(context.get(), key.c_str(), SSL_FILETYPE_PEM);
  SSL* const ssl = SSL_new(context.get());
  SSL_set_fd(ssl, server_fd_.get());
  SSL_set_accept_state(ssl);
  server_ = std::make_unique<Session>(ssl, false);
  ShakeHands();
  SSL_set_verify(ssl, SSL_VERIFY_PEER, nullptr);
  EXPECT_EQ(server_->Handshake(), IoStatus::kOk);
  SSL_set_verify(ssl, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  EXPECT_EQ(server_->Handshake(), IoStatus::kClosed);
  EXPECT_FALSE(server_->failure().empty());
}

TEST_F(SessionTest, WritingToAPeerThatLeftIsAnError) {
  ShakeHands();
  client_fd_.reset();
  IoStatus status = IoStatus::kOk;
  for (int i = 0; i < 10 && status == IoStatus::kOk; ++i) status = server_->Write("x").status;
  EXPECT_EQ(status, IoStatus::kClosed);
}

}  // namespace
}  // namespace uwsgi::tls
