// SPDX-License-Identifier: MIT
//
//   packet_load PATH CONNECTIONS SECONDS <REQUEST
//
// Asks over a unix socket as a web server with a uwsgi upstream does: each request has a
// connection of its own, which the server closes after its answer. CONNECTIONS requests are
// under way at a time. The request's bytes come from standard input and are sent as they are.
// Prints one line of JSON; an answer that does not begin with `HTTP/1.` and a 200 is an error.

#define _GNU_SOURCE

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "latencies.h"

enum { kMaxConnections = 4096, kPatienceMs = 1000 };

struct Slot {
  int fd;
  bool answered;
  double begin;
};

static struct Slot slots[kMaxConnections];
static struct sockaddr_un server = {.sun_family = AF_UNIX};
static char request[65536];
static size_t request_size;
static struct Latencies latencies;
static size_t requests;
static size_t errors;
static int poll_fd;

// Connecting blocks while the server's queue is full, which is part of the latency.
static void Ask(struct Slot* slot) {
  slot->begin = Now();
  slot->answered = false;
  slot->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const struct timeval patience = {.tv_sec = kPatienceMs / 1000};
  setsockopt(slot->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (connect(slot->fd, (struct sockaddr*)&server, sizeof server) != 0 ||
      send(slot->fd, request, request_size, 0) != (ssize_t)request_size) {
    perror(server.sun_path);
    exit(1);
  }
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = slot};
  epoll_ctl(poll_fd, EPOLL_CTL_ADD, slot->fd, &event);
}

static bool IsGood(const char* answer, ssize_t size) {
  return size > 12 && memcmp(answer, "HTTP/1.", 7) == 0 && memcmp(answer + 8, " 200", 4) == 0;
}

// Reads what there is; true when the server has closed the connection.
static bool ReadAnswer(struct Slot* slot) {
  char answer[65536];
  for (;;) {
    const ssize_t got = recv(slot->fd, answer, sizeof answer, MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) return false;
    if (got <= 0) return true;
    slot->answered = slot->answered || IsGood(answer, got);
  }
}

static void Finish(struct Slot* slot) {
  close(slot->fd);
  AddLatency(&latencies, Now() - slot->begin);
  if (slot->answered) {
    ++requests;
  } else {
    ++errors;
  }
}

static void Run(int connections, double seconds) {
  const double begin = Now(), end = begin + seconds;
  for (int i = 0; i < connections; ++i) Ask(&slots[i]);
  int under_way = connections;
  while (under_way > 0) {
    struct epoll_event events[256];
    const int count = epoll_wait(poll_fd, events, 256, kPatienceMs);
    const bool over = Now() >= end;
    if (count == 0 && over) break;
    for (int i = 0; i < count; ++i) {
      struct Slot* slot = events[i].data.ptr;
      if (!ReadAnswer(slot)) continue;
      Finish(slot);
      if (over) {
        --under_way;
      } else {
        Ask(slot);
      }
    }
  }
  PrintFigures(&latencies, Now() - begin, requests, errors + (size_t)under_way);
}

int main(int argc, char** argv) {
  if (argc != 4 || atoi(argv[2]) < 1 || atoi(argv[2]) > kMaxConnections) {
    fprintf(stderr, "usage: packet_load PATH CONNECTIONS SECONDS <REQUEST\n");
    return 2;
  }
  signal(SIGPIPE, SIG_IGN);
  snprintf(server.sun_path, sizeof server.sun_path, "%s", argv[1]);
  request_size = fread(request, 1, sizeof request, stdin);
  poll_fd = epoll_create1(EPOLL_CLOEXEC);
  Run(atoi(argv[2]), atof(argv[3]));
  return 0;
}
