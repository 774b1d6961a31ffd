// SPDX-License-Identifier: MIT
//
// The kernel's floor: what a request costs when nobody parses it and nobody computes an answer.
//
//   floor close PATH    unix socket, one connection at a time: accept, read, write, close
//   floor http PORT     loopback, keep-alive connections over epoll: read, write
//
// A request is whatever one read returns, so only clients that send each request in one piece
// and wait for its answer may ask. The answer is as long as that of apps/raw.py, with the
// headers that a server adds to it. One process, one thread, no timeouts, no limits, no log.

#define _GNU_SOURCE

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const char kAnswer[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 14\r\n"
    "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\nServer: floor\r\n\r\nHello, world!\n";

enum { kBacklog = 4096, kEvents = 512, kRequest = 16384 };

static void Die(const char* what) {
  perror(what);
  exit(1);
}

static int ListenUnix(const char* path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
  const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (bind(listener, (struct sockaddr*)&address, sizeof address) != 0) Die(path);
  if (listen(listener, kBacklog) != 0) Die("listen");
  return listener;
}

// Accepted sockets inherit TCP_NODELAY from the listener.
static int ListenLoopback(const char* port) {
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons((unsigned short)atoi(port)),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (bind(listener, (struct sockaddr*)&address, sizeof address) != 0) Die(port);
  if (listen(listener, kBacklog) != 0) Die("listen");
  return listener;
}

static void ServeClosing(int listener) {
  char request[kRequest];
  for (;;) {
    const int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (connection < 0) Die("accept");
    if (read(connection, request, sizeof request) > 0) {
      // A client that has left loses its answer.
      (void)!write(connection, kAnswer, sizeof kAnswer - 1);
    }
    close(connection);
  }
}

static void AcceptAll(int poll, int listener) {
  for (;;) {
    const int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (connection < 0) return;
    struct epoll_event event = {.events = EPOLLIN, .data.fd = connection};
    epoll_ctl(poll, EPOLL_CTL_ADD, connection, &event);
  }
}

static void Answer(int connection) {
  char request[kRequest];
  const ssize_t got = read(connection, request, sizeof request);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0 || write(connection, kAnswer, sizeof kAnswer - 1) < 0) close(connection);
}

static void ServeKeepAlive(int listener) {
  const int poll = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
  epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
  struct epoll_event events[kEvents];
  for (;;) {
    const int count = epoll_wait(poll, events, kEvents, -1);
    for (int i = 0; i < count; ++i) {
      if (events[i].data.fd == listener) {
        AcceptAll(poll, listener);
      } else {
        Answer(events[i].data.fd);
      }
    }
  }
}

int main(int argc, char** argv) {
  signal(SIGPIPE, SIG_IGN);
  if (argc == 3 && strcmp(argv[1], "close") == 0) ServeClosing(ListenUnix(argv[2]));
  if (argc == 3 && strcmp(argv[1], "http") == 0) ServeKeepAlive(ListenLoopback(argv[2]));
  fprintf(stderr, "usage: floor close PATH | floor http PORT\n");
  return 2;
}
