/* The least that recording costs: reads RTP from sockets and writes each payload to the file of its socket.
 *
 * rtp_floor COUNT DIRECTORY: prints the ports of its sockets, one a line, and goes on until it is killed.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HEADER = 12, EVENTS = 64, BUFFER = 256 * 1024 };

struct call {
    int socket, file;
    off_t end;
};

static void open_call(struct call *call, const char *directory, int epoll)
{
    char path[4096];
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int buffer = BUFFER;
    call->socket = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    setsockopt(call->socket, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
    if (bind(call->socket, (struct sockaddr *)&address, length) || getsockname(call->socket, (struct sockaddr *)&address, &length))
        exit(1);
    snprintf(path, sizeof path, "%s/%d", directory, ntohs(address.sin_port));
    call->file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = call};
    if (call->file < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, call->socket, &event)) exit(1);
    printf("%d\n", ntohs(address.sin_port));
}

static void read_call(struct call *call)
{
    uint8_t packet[2048];
    ssize_t length = recv(call->socket, packet, sizeof packet, 0);
    if (length <= HEADER) return;
    if (pwrite(call->file, packet + HEADER, (size_t)length - HEADER, call->end) != length - HEADER) exit(1);
    call->end += length - HEADER;
}

int main(int argc, char **argv)
{
    if (argc != 3) return 2;
    int count = atoi(argv[1]), epoll = epoll_create1(0);
    struct call *calls = calloc((size_t)count, sizeof *calls);
    for (int i = 0; i < count; i++) open_call(&calls[i], argv[2], epoll);
    fflush(stdout);
    for (;;) {
        struct epoll_event events[EVENTS];
        int ready = epoll_wait(epoll, events, EVENTS, -1);
        for (int i = 0; i < ready; i++) read_call(events[i].data.ptr);
    }
}
