/* The audio of many calls from one socket: a packet of 20 ms for each call in progress, each 20 ms.
 *
 * Calls are spread evenly over the 20 ms. What is sent comes out of one clip that all calls share, each beginning at a
 * place of its own, and is not copied. What comes back is only counted. Built by bench/rtp.py, which fills the calls.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { FRAME = 160, PHASES = 10, PHASE_NS = 2000000, BATCH = 256, PCMA = 8 };

struct call {
    uint32_t port;     /* where its packets go at 127.0.0.1; 0: the slot is free */
    uint32_t start;    /* the frame of the clip that it begins with */
    uint32_t limit;    /* packets to send in all */
    uint32_t sent;     /* packets sent */
    uint32_t heard;    /* packets received */
    uint32_t prompt;   /* packets of the greeting and the beep */
    uint32_t sent_at_beep; /* packets sent when the last one of these came */
};

struct load {
    int32_t socket;
    uint32_t slots;
    uint32_t frames; /* of the clip */
    volatile uint32_t stop;
    uint64_t late_ns; /* the longest that a packet was late */
    const uint8_t *clip;
    struct call *calls;
    const uint16_t *by_port; /* the number of a port's slot, plus one */
};

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void flush(int fd, struct mmsghdr *messages, unsigned count)
{
    for (unsigned done = 0; done < count;) {
        int sent = sendmmsg(fd, messages + done, count - done, 0);
        /* A port that was just closed answers an earlier packet with an error, which is no concern of this one. */
        done += sent > 0 ? (unsigned)sent : 0;
    }
}

static void send_phase(struct load *load, unsigned phase)
{
    static struct mmsghdr messages[BATCH];
    static struct iovec parts[BATCH][2];
    static struct sockaddr_in peers[BATCH];
    static uint8_t headers[BATCH][12];
    unsigned count = 0;
    for (unsigned slot = phase; slot < load->slots; slot += PHASES) {
        struct call *call = &load->calls[slot];
        uint32_t port = __atomic_load_n(&call->port, __ATOMIC_ACQUIRE);
        if (!port || call->sent >= call->limit) continue;
        uint8_t *header = headers[count];
        uint16_t sequence = htons((uint16_t)(call->start + call->sent));
        uint32_t timestamp = htonl((call->start + call->sent) * FRAME), ssrc = htonl(call->start << 12 | slot);
        header[0] = 0x80;
        header[1] = PCMA;
        memcpy(header + 2, &sequence, 2);
        memcpy(header + 4, &timestamp, 4);
        memcpy(header + 8, &ssrc, 4);
        peers[count] = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
        peers[count].sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        parts[count][0] = (struct iovec){header, 12};
        parts[count][1] = (struct iovec){(void *)(load->clip + (call->start + call->sent) % load->frames * FRAME), FRAME};
        messages[count].msg_hdr = (struct msghdr){.msg_name = &peers[count], .msg_namelen = sizeof peers[count],
                                                  .msg_iov = parts[count], .msg_iovlen = 2};
        __atomic_store_n(&call->sent, call->sent + 1, __ATOMIC_RELEASE);
        if (++count == BATCH) {
            flush(load->socket, messages, count);
            count = 0;
        }
    }
    flush(load->socket, messages, count);
}

static void note(struct load *load, const struct sockaddr_in *source)
{
    unsigned slot = load->by_port[ntohs(source->sin_port)];
    if (!slot) return;
    struct call *call = &load->calls[slot - 1];
    if (++call->heard <= call->prompt) call->sent_at_beep = call->sent;
}

static void receive(struct load *load)
{
    static struct mmsghdr messages[BATCH];
    static struct iovec parts[BATCH];
    static struct sockaddr_in sources[BATCH];
    static uint8_t packet[256];
    int count;
    do {
        for (unsigned i = 0; i < BATCH; i++) {
            parts[i] = (struct iovec){packet, sizeof packet}; /* all to one place: nobody reads them */
            messages[i].msg_hdr = (struct msghdr){.msg_name = &sources[i], .msg_namelen = sizeof sources[i],
                                                  .msg_iov = &parts[i], .msg_iovlen = 1};
        }
        count = recvmmsg(load->socket, messages, BATCH, MSG_DONTWAIT, NULL);
        for (int i = 0; i < count; i++) note(load, &sources[i]);
    } while (count == BATCH);
}

/* Send and receive until `stop` is set. */
void run(struct load *load)
{
    uint64_t due = now_ns();
    for (unsigned phase = 0; !load->stop; phase = (phase + 1) % PHASES) {
        due += PHASE_NS;
        struct timespec at = {(time_t)(due / 1000000000u), (long)(due % 1000000000u)};
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
        uint64_t now = now_ns();
        if (now - due > load->late_ns) load->late_ns = now - due;
        send_phase(load, phase);
        receive(load);
    }
}
