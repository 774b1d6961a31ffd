// SPDX-License-Identifier: MIT
//
//   http_load PORT CONNECTIONS RATE SECONDS TARGET [OTHER]
//
// GET requests on keep-alive connections to 127.0.0.1, in an open loop: they fall due at random
// moments (exponential intervals, RATE per second on average, the same ones in each run),
// whether or not earlier ones were answered. One for which no connection is free waits, and its
// latency counts from the moment at which it was due, so a server that stalls can not make its
// clients forget to ask. RATE 0 is the closed loop: each connection asks as soon as it is free.
//
// With OTHER, a tenth of the requests, chosen at random, ask for that; the percentiles are those
// of TARGET alone. A connection that the server closes is opened again. Answers need a
// Content-Length; those that are no 200, and those that do not come within two seconds after the
// end, count as errors, the latter with the time that they had. Prints one line of JSON.

#define _GNU_SOURCE

#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "latencies.h"

enum { kMaxConnections = 4096, kHead = 8192 };

static const double kDrainSeconds = 2;
static const double kOtherShare = 0.1;

struct Connection {
  int fd;        // -1 while it is closed.
  bool busy;     // A request is under way.
  bool other;    // It is one for OTHER.
  bool in_body;  // The answer's head has ended.
  double due;    // When that request was due.
  long missing;  // Bytes of the body that are still to come.
  size_t head_size;
  char head[kHead];
};

struct Request {
  char text[1024];
  size_t size;
};

static struct Connection connections[kMaxConnections];
static struct Connection* idle[kMaxConnections];  // A ring: the longest idle is asked next.
static int idle_first;
static int idle_count;
static int connection_count;
static int busy_count;
static int poll_fd;
static struct sockaddr_in server = {.sin_family = AF_INET};
static struct Request target;
static struct Request other;
static struct Latencies latencies;
static size_t requests;
static size_t errors;

static void Open(struct Connection* c) {
  c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(c->fd, (struct sockaddr*)&server, sizeof server) != 0) {
    perror("connect");
    exit(1);
  }
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
  epoll_ctl(poll_fd, EPOLL_CTL_ADD, c->fd, &event);
}

static void Close(struct Connection* c) {
  close(c->fd);
  c->fd = -1;
}

static void PutIdle(struct Connection* c) {
  idle[(idle_first + idle_count++) % connection_count] = c;
}

static struct Connection* TakeIdle(void) {
  struct Connection* c = idle[idle_first];
  idle_first = (idle_first + 1) % connection_count;
  --idle_count;
  return c;
}

static void Ask(struct Connection* c, double due) {
  if (c->fd < 0) Open(c);
  c->busy = true;
  ++busy_count;
  c->due = due;
  c->in_body = false;
  c->head_size = 0;
  c->other = other.size > 0 && drand48() < kOtherShare;
  const struct Request* request = c->other ? &other : &target;
  // A connection that the server has just closed shows that when it is read.
  (void)!send(c->fd, request->text, request->size, 0);
}

static void Finish(struct Connection* c, bool good) {
  c->busy = false;
  --busy_count;
  PutIdle(c);
  if (!c->other) AddLatency(&latencies, Now() - c->due);
  if (good) {
    ++requests;
  } else {
    ++errors;
  }
}

// Looks for the head's end; when it is there, the body begins.
static void ParseHead(struct Connection* c) {
  c->head[c->head_size] = '\0';
  const char* end = strstr(c->head, "\r\n\r\n");
  if (!end) return;
  const char* length = strcasestr(c->head, "\r\ncontent-length:");
  const long body = length ? atol(length + 17) : 0;
  c->in_body = true;
  c->missing = body - (long)(c->head_size - (size_t)(end + 4 - c->head));
}

static bool IsLast(const struct Connection* c) {
  return strcasestr(c->head, "\r\nconnection: close") != NULL ||
         strncmp(c->head, "HTTP/1.0", 8) == 0;
}

static void Lose(struct Connection* c) {
  const bool busy = c->busy;
  Close(c);
  if (busy) Finish(c, false);
}

// Reads what there is of an answer; an idle connection has nothing to read but its end.
static void Read(struct Connection* c) {
  char body[65536];
  const bool in_head = c->busy && !c->in_body;
  char* place = in_head ? c->head + c->head_size : body;
  const size_t room = in_head ? kHead - 1 - c->head_size : sizeof body;
  const ssize_t got = recv(c->fd, place, room, MSG_DONTWAIT);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0 || !c->busy) {
    Lose(c);
    return;
  }
  if (in_head) {
    c->head_size += (size_t)got;
    ParseHead(c);
  } else {
    c->missing -= got;
  }
  if (!c->in_body || c->missing > 0) return;
  if (IsLast(c)) Close(c);
  Finish(c, strncmp(c->head + 8, " 200", 4) == 0);
}

static double Interval(double rate) { return -log(1 - drand48()) / rate; }

static void Wait(double seconds) {
  const struct timespec timeout = {.tv_sec = (time_t)seconds,
                                   .tv_nsec = (long)((seconds - floor(seconds)) * 1e9)};
  struct epoll_event events[256];
  const int count = epoll_pwait2(poll_fd, events, 256, &timeout, NULL);
  for (int i = 0; i < count; ++i) {
    struct Connection* c = events[i].data.ptr;
    if (c->fd >= 0) Read(c);
  }
}

static void Run(double rate, double seconds) {
  const double begin = Now(), end = begin + seconds;
  double due = begin + (rate > 0 ? Interval(rate) : 0), now = begin;
  while (now < end || ((due < end || busy_count > 0) && now < end + kDrainSeconds)) {
    while (idle_count > 0 && due <= now && due < end) {
      Ask(TakeIdle(), rate > 0 ? due : now);
      due = rate > 0 ? due + Interval(rate) : now;
    }
    const bool waiting_for_time = idle_count > 0 && due < end;
    Wait(waiting_for_time ? fmax(due - now, 0) : 0.01);
    now = Now();
    if (rate == 0) due = now;
  }
  for (int i = 0; i < connection_count; ++i) {
    if (connections[i].busy) Lose(&connections[i]);
  }
  for (; rate > 0 && due < end; due += Interval(rate)) {
    AddLatency(&latencies, now - due);
    ++errors;
  }
  PrintFigures(&latencies, seconds, requests, errors);
}

static void Compose(struct Request* request, const char* path, const char* port) {
  request->size = (size_t)snprintf(request->text, sizeof request->text,
                                   "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\n\r\n", path, port);
}

int main(int argc, char** argv) {
  connection_count = argc >= 6 ? atoi(argv[2]) : 0;
  if (argc > 7 || connection_count < 1 || connection_count > kMaxConnections) {
    fprintf(stderr, "usage: http_load PORT CONNECTIONS RATE SECONDS TARGET [OTHER]\n");
    return 2;
  }
  signal(SIGPIPE, SIG_IGN);
  prctl(PR_SET_TIMERSLACK, 1000UL);
  server.sin_port = htons((unsigned short)atoi(argv[1]));
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  Compose(&target, argv[5], argv[1]);
  if (argc == 7) Compose(&other, argv[6], argv[1]);
  poll_fd = epoll_create1(EPOLL_CLOEXEC);
  for (int i = 0; i < connection_count; ++i) {
    Open(&connections[i]);
    PutIdle(&connections[i]);
  }
  Run(atof(argv[3]), atof(argv[4]));
  return 0;
}
