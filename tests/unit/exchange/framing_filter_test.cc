// SPDX-License-Identifier: MIT
//
// What each wire makes of a response; tests of whole exchanges are in response_stream_test.cc.

#include "exchange/framing_filter.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "exchange/http_framing.h"
#include "exchange/output_fixture.h"
#include "exchange/recording_filter.h"
#include "exchange/uwsgi_framing.h"

namespace uwsgi {
namespace {

using testing::SendText;

class FramingFilterTest : public testing::OutputFixture {
 protected:
  FramingFilterTest() { body_.Begin(socket_, input_, 0, false, std::chrono::milliseconds(1)); }

  void Attach(FramingFilter& framing, int minor_version = 1) {
    framing.Attach({&body_, false, minor_version, true, nullptr}, output_);
  }
  static BodyPlan SendHead(FramingFilter& framing, BodyPlan plan, int code = 200) {
    ResponseHead head;
    head.status = "200 OK";
    head.code = code;
    head.has_date = true;
    EXPECT_EQ(framing.SendHead(head, plan), Passed::kOn);
    return plan;
  }

  const BodyLimits limits_;
  ReadBuffer input_;
  BodyStream body_{waiter_, limits_};
  UwsgiFraming uwsgi_;
  HttpFraming http_;
};

TEST_F(FramingFilterTest, UwsgiAddsNothing) {
  Attach(uwsgi_);
  EXPECT_FALSE(uwsgi_.head_sent());
  EXPECT_FALSE(SendHead(uwsgi_, {.whole = 5}).length) << "nothing is promised for the application";
  EXPECT_TRUE(uwsgi_.head_sent());
  SendText(uwsgi_, "12345", Rest::kEnd);
  const std::string sent = "HTTP/1.1 200 OK\r\n\r\n12345";
  EXPECT_EQ(Received(), sent);
  EXPECT_EQ(uwsgi_.head_bytes(), sent.size() - 5);
  EXPECT_FALSE(uwsgi_.keeps_alive());
}

TEST_F(FramingFilterTest, HttpPromisesTheLengthOfAWholeBody) {
  Attach(http_);
  EXPECT_EQ(SendHead(http_, {.whole = 5}).length, 5U);
  SendText(http_, "12345", Rest::kEnd);
  EXPECT_EQ(Received(), "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n12345");
  EXPECT_TRUE(http_.keeps_alive());
}

TEST_F(FramingFilterTest, HttpSendsChunksWithoutALength) {
  Attach(http_);
  EXPECT_FALSE(SendHead(http_, {}).length);
  SendText(http_, "12345", Rest::kMore);
  SendText(http_, "", Rest::kMore);
  SendText(http_, "67890abcdef", Rest::kEnd);
  EXPECT_EQ(Received(),
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            "5\r\n12345\r\nb\r\n67890abcdef\r\n0\r\n\r\n");
  EXPECT_TRUE(http_.keeps_alive());
}

TEST_F(FramingFilterTest, AnOldClientSeesTheEndOfTheConnection) {
  Attach(http_, 0);
  SendHead(http_, {});
  SendText(http_, "12345", Rest::kEnd);
  EXPECT_EQ(Received(), "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n12345");
  EXPECT_FALSE(http_.keeps_alive());
}

TEST_F(FramingFilterTest, AFileThatFailsLeavesNoBeginningOfAChunk) {
  Attach(http_);
  SendHead(http_, {});
  SendText(http_, "1", Rest::kEnd);
  Received();
  EXPECT_EQ(http_.SendFile({nullptr, -1, 0, 50'000}, Rest::kMore), Passed::kUnavailable);
  EXPECT_TRUE(output_.is_drained());
}

TEST_F(FramingFilterTest, SomeCodesHaveTheirOwnLength) {
  for (FramingFilter* framing :
       {static_cast<FramingFilter*>(&uwsgi_), static_cast<FramingFilter*>(&http_)}) {
    Attach(*framing);
    EXPECT_FALSE(SendHead(*framing, {.length = 5, .has_body = false}, 204).length);
    EXPECT_EQ(SendHead(*framing, {.length = 5, .has_body = false}, 205).length, 0U);
  }
  EXPECT_FALSE(SendHead(http_, {.whole = 5, .has_body = false}, 304).length);
}

TEST_F(FramingFilterTest, AnErrorTakesThePlaceOfWhatWaits) {
  Attach(http_);
  SendHead(http_, {});
  EXPECT_EQ(http_.SendError(503, "Retry-After: 1\r\n"), std::string("Service Unavailable").size());
  const std::string sent = Received();
  EXPECT_EQ(sent.find("HTTP/1.1 503 Service Unavailable\r\n"), 0U);
  EXPECT_NE(sent.find("Retry-After: 1\r\n"), std::string::npos);
  EXPECT_EQ(sent.find("200 OK"), std::string::npos);
  EXPECT_FALSE(http_.keeps_alive());
}

}  // namespace
}  // namespace uwsgi
