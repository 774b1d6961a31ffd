// SPDX-License-Identifier: MIT

#include "net/send_queue.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <string>

#include "support/temp_dir.h"

namespace uwsgi {
namespace {

class SendQueueTest : public ::testing::Test {
 protected:
  SendQueueTest() : limits_{directory_.path(), 64 << 20} {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
    socket_.Open(UniqueFd(ends[0]));
    client_ = UniqueFd(ends[1]);
    queue_.Begin(socket_, limits_);
  }

  SharedFile File(std::string_view content, const char* name = "file") {
    return std::make_shared<const UniqueFd>(
        ::open(directory_.Write(name, content).c_str(), O_RDONLY | O_CLOEXEC));
  }
  IoStatus Send(std::string_view bytes) { return queue_.Send({&bytes, 1}); }
  // What the client has got so far.
  std::string Receive() {
    std::string all;
    std::array<char, 65536> piece;
    for (;;) {
      const ssize_t got = ::recv(client_.get(), piece.data(), piece.size(), MSG_DONTWAIT);
      if (got <= 0) return all;
      all.append(piece.data(), static_cast<std::size_t>(got));
    }
  }
  // Drains until the queue is empty or sending fails. Megabytes are not for a message.
  void ExpectReceived(const std::string& expected, IoStatus last = IoStatus::kOk) {
    std::string all = Receive();
    IoStatus status = IoStatus::kWouldBlock;
    while (status == IoStatus::kWouldBlock) {
      status = queue_.Drain();
      all += Receive();
    }
    EXPECT_EQ(status, last);
    EXPECT_TRUE(all == expected) << all.size() << " bytes, not " << expected.size();
  }

  TempDir directory_;
  SpoolLimits limits_;
  PeerSocket socket_;
  UniqueFd client_;
  SendQueue queue_;
};

const std::string kBig(3'000'000, 'b');

TEST_F(SendQueueTest, SendsAtOnceWhatTheSocketTakes) {
  queue_.tail() = "head ";
  EXPECT_EQ(Send("body"), IoStatus::kOk);
  EXPECT_TRUE(queue_.empty());
  EXPECT_EQ(Receive(), "head body");
}

TEST_F(SendQueueTest, KeepsTheOrderOfBytesAndFiles) {
  const SharedFile file = File("0123456789");
  const SharedFile big = File(kBig, "big");
  queue_.tail() = "a";
  queue_.AppendFile(file, 2, 3);
  queue_.tail() += "b";
  queue_.AppendFile(big, 0, kBig.size());
  queue_.tail() += "c";
  EXPECT_EQ(Send("d"), IoStatus::kOk);
  queue_.AppendFile(big, 5, 100'000);
  EXPECT_EQ(Send("e"), IoStatus::kOk);
  ExpectReceived("a234b" + kBig + "cd" + kBig.substr(5, 100'000) + "e");
  EXPECT_TRUE(queue_.empty());
}

TEST_F(SendQueueTest, KeepsMuchInAFile) {
  std::string sent;
  for (int i = 0; i < 40; ++i) {
    const std::string piece(100'000 + static_cast<std::size_t>(i), static_cast<char>('a' + i % 26));
    EXPECT_EQ(Send(piece), IoStatus::kOk);
    sent += piece;
    EXPECT_LE(queue_.bytes_waiting(), SendQueue::kMemoryLimit);
  }
  EXPECT_LE(queue_.files_waiting(), 1U);
  ExpectReceived(sent);
}

TEST_F(SendQueueTest, KeepsTheOrderOfItsOwnFileAndOthers) {
  const SharedFile file = File(kBig);
  EXPECT_EQ(Send(kBig), IoStatus::kOk);
  queue_.AppendFile(file, 0, 20'000);
  EXPECT_EQ(Send("x" + kBig), IoStatus::kOk);
  queue_.tail() += "y";
  ExpectReceived(kBig + kBig.substr(0, 20'000) + "x" + kBig + "y");
  // And once more, from the start of the file.
  EXPECT_EQ(Send(kBig + "z"), IoStatus::kOk);
  ExpectReceived(kBig + "z");
}

// Whatever is wrong with the file, the rest of the response waits in memory and arrives.
TEST_F(SendQueueTest, KeepsInMemoryWhatNoFileTakes) {
  const struct {
    const char* name;
    SpoolLimits limits;
  } kCases[] = {
      {"no file is wanted", {directory_.path(), 0}},
      {"it would be too large", {directory_.path(), 1000}},
      {"there is no directory", {directory_.path() + "/none", 64 << 20}},
  };
  for (const auto& row : kCases) {
    SCOPED_TRACE(row.name);
    queue_.Reset(0);
    queue_.Begin(socket_, row.limits);
    EXPECT_EQ(Send(kBig), IoStatus::kOk);
    EXPECT_GT(queue_.bytes_waiting(), SendQueue::kMemoryLimit);
    ExpectReceived(kBig);
  }
}

TEST_F(SendQueueTest, ForgetsWhatWasSentWhileTheClientLags) {
  limits_.bytes = 0;
  const SharedFile file = File(std::string(100'000, 'f'));
  std::string sent;
  std::string received;
  EXPECT_EQ(Send(kBig.substr(0, 300'000)), IoStatus::kOk);
  sent += kBig.substr(0, 300'000);
  for (int i = 0; i < 400; ++i) {
    const std::string piece(20'000 + static_cast<std::size_t>(i), static_cast<char>('a' + i % 26));
    sent += piece;
    EXPECT_EQ(Send(piece), IoStatus::kOk);
    std::array<char, 20'000> some;
    const ssize_t got = ::recv(client_.get(), some.data(), some.size(), MSG_DONTWAIT);
    ASSERT_GT(got, 0);
    received.append(some.data(), static_cast<std::size_t>(got));
    ASSERT_LT(queue_.tail().size(), 3 * SendQueue::kMemoryLimit);
    ASSERT_FALSE(queue_.empty());
    if (i % 100 != 50) continue;
    queue_.AppendFile(file, 0, 100'000);
    sent += std::string(100'000, 'f');
    while (queue_.files_waiting() > 0) {
      EXPECT_NE(queue_.Drain(), IoStatus::kClosed);
      received += Receive();
    }
    EXPECT_EQ(Send(kBig.substr(0, 300'000)), IoStatus::kOk);
    sent += kBig.substr(0, 300'000);
  }
  while (queue_.Drain() == IoStatus::kWouldBlock) received += Receive();
  received += Receive();
  EXPECT_TRUE(received == sent);
}

TEST_F(SendQueueTest, NoticesAFileThatShrinks) {
  const SharedFile file = File(kBig);
  queue_.AppendFile(file, 0, kBig.size());
  ASSERT_EQ(::truncate((directory_ / "file").c_str(), 100'000), 0);
  ExpectReceived(kBig.substr(0, 100'000), IoStatus::kEnd);
}

TEST_F(SendQueueTest, NoticesAPeerThatIsGone) {
  client_.reset();
  EXPECT_EQ(Send("body"), IoStatus::kClosed);
  queue_.tail() = "more";
  EXPECT_EQ(queue_.Drain(), IoStatus::kClosed);
}

TEST_F(SendQueueTest, ForgetsWhatWaits) {
  const SharedFile file = File(kBig);
  EXPECT_EQ(Send(kBig), IoStatus::kOk);
  queue_.AppendFile(file, 0, kBig.size());
  Receive();
  queue_.Reset(1000);
  EXPECT_TRUE(queue_.empty());
  queue_.Begin(socket_, limits_);
  EXPECT_EQ(Send("next"), IoStatus::kOk);
  ExpectReceived("next");
}

}  // namespace
}  // namespace uwsgi
