--
-- PostgreSQL database dump
--


-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: accounts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.accounts (
    id bigint NOT NULL,
    name text NOT NULL,
    locale text NOT NULL,
    region text NOT NULL,
    created_at_ms bigint NOT NULL,
    time_zone text,
    retention_days smallint DEFAULT '30'::smallint NOT NULL,
    policy_version smallint,
    policy text,
    email text,
    closed_at_ms bigint
);


--
-- Name: accounts_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.accounts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: accounts_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.accounts_id_seq OWNED BY public.accounts.id;


--
-- Name: alembic_version; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);


--
-- Name: api_answers; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.api_answers (
    account_id bigint NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    owner text NOT NULL,
    until_ms bigint NOT NULL,
    status smallint NOT NULL,
    headers text NOT NULL,
    body bytea NOT NULL,
    sealed boolean NOT NULL,
    at_ms bigint NOT NULL
);


--
-- Name: api_keys; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.api_keys (
    id text NOT NULL,
    account_id bigint NOT NULL,
    hash bytea NOT NULL,
    label text NOT NULL,
    scopes text NOT NULL,
    created_at_ms bigint NOT NULL,
    expires_at_ms bigint,
    revoked_at_ms bigint,
    numbers text,
    previous_hash bytea,
    previous_until_ms bigint,
    revision bigint DEFAULT '0'::bigint NOT NULL,
    made_by text
);


--
-- Name: audit; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audit (
    number bigint NOT NULL,
    revision bigint NOT NULL,
    at_ms bigint NOT NULL,
    account_id bigint NOT NULL,
    key_id text,
    source text NOT NULL,
    before_type smallint NOT NULL,
    before_param text NOT NULL,
    after_type smallint NOT NULL,
    after_param text NOT NULL,
    options text DEFAULT ''::text NOT NULL,
    after_rule text DEFAULT ''::text NOT NULL
);


--
-- Name: call_counts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.call_counts (
    decision text NOT NULL,
    status smallint NOT NULL,
    calls bigint NOT NULL
);


--
-- Name: call_ladders; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.call_ladders (
    id bigint NOT NULL,
    setup_at_ms bigint NOT NULL,
    ladder text NOT NULL
);


--
-- Name: calls; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.calls (
    id bigint NOT NULL,
    call_id text NOT NULL,
    from_tag text NOT NULL,
    cseq bigint NOT NULL,
    caller text NOT NULL,
    called text NOT NULL,
    number bigint,
    revision bigint,
    decision text NOT NULL,
    reason text,
    target bigint,
    trunk text,
    setup_at_ms bigint NOT NULL,
    ring_at_ms bigint,
    answer_at_ms bigint,
    end_at_ms bigint,
    status smallint,
    cause smallint,
    hung_up_by text,
    diversions text NOT NULL,
    missed boolean,
    last_known boolean DEFAULT false NOT NULL,
    withheld boolean DEFAULT false NOT NULL,
    identity text,
    fallback boolean DEFAULT false NOT NULL,
    used text,
    price bigint,
    unheard text,
    account_id bigint
);


--
-- Name: calls_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.calls_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: calls_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.calls_id_seq OWNED BY public.calls.id;


--
-- Name: counters; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.counters (
    name text NOT NULL,
    value bigint NOT NULL
);


--
-- Name: event_seqs; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.event_seqs (
    account_id bigint NOT NULL,
    number bigint NOT NULL,
    seq bigint NOT NULL,
    tx bigint NOT NULL
);


--
-- Name: events; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.events (
    "position" bigint NOT NULL,
    tx bigint NOT NULL,
    account_id bigint NOT NULL,
    number bigint,
    seq bigint NOT NULL,
    type text NOT NULL,
    at_ms bigint NOT NULL,
    data text NOT NULL
);


--
-- Name: events_position_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.events_position_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: events_position_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.events_position_seq OWNED BY public.events."position";


--
-- Name: further_mails; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.further_mails (
    message_id text NOT NULL,
    recipient text NOT NULL,
    queued_at_ms bigint NOT NULL,
    due_at_ms bigint NOT NULL,
    state text NOT NULL,
    attempts integer NOT NULL,
    note text NOT NULL,
    ended_at_ms bigint,
    lease_owner text,
    leased_until_ms bigint,
    scheduled_at_ms bigint,
    report_at_ms bigint,
    place integer NOT NULL
);


--
-- Name: greetings; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.greetings (
    number bigint NOT NULL,
    version bigint NOT NULL,
    spoken boolean NOT NULL,
    audio bytea
);


--
-- Name: idempotency; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.idempotency (
    account_id bigint NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    outcome text NOT NULL,
    revision bigint,
    at_ms bigint NOT NULL
);


--
-- Name: import_rows; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.import_rows (
    number bigint NOT NULL,
    import_id bigint NOT NULL,
    line bigint NOT NULL,
    label text NOT NULL,
    forwarding_enabled boolean NOT NULL
);


--
-- Name: imports; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.imports (
    id bigint NOT NULL,
    account_id bigint NOT NULL,
    state text NOT NULL,
    created_at_ms bigint NOT NULL,
    alive_until_ms bigint NOT NULL
);


--
-- Name: key_changes; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.key_changes (
    id bigint NOT NULL,
    at_ms bigint NOT NULL,
    changed_key text NOT NULL,
    revision bigint NOT NULL,
    account_id bigint NOT NULL,
    key_id text,
    source text NOT NULL,
    before text NOT NULL,
    after text NOT NULL
);


--
-- Name: key_changes_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.key_changes_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: key_changes_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.key_changes_id_seq OWNED BY public.key_changes.id;


--
-- Name: key_uses; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.key_uses (
    key_id text NOT NULL,
    at_ms bigint NOT NULL
);


--
-- Name: leases; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.leases (
    name text NOT NULL,
    owner text NOT NULL,
    until_ms bigint NOT NULL
);


--
-- Name: limit_notices; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.limit_notices (
    account_id bigint NOT NULL,
    day integer NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    at_ms bigint NOT NULL,
    due_at_ms bigint
);


--
-- Name: mails; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.mails (
    message_id text NOT NULL,
    recipient text NOT NULL,
    queued_at_ms bigint NOT NULL,
    due_at_ms bigint NOT NULL,
    state text NOT NULL,
    attempts integer NOT NULL,
    note text NOT NULL,
    ended_at_ms bigint,
    lease_owner text,
    leased_until_ms bigint,
    scheduled_at_ms bigint,
    report_at_ms bigint
);


--
-- Name: message_audio; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.message_audio (
    message_id text NOT NULL,
    audio bytea NOT NULL
);


--
-- Name: messages; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.messages (
    id text NOT NULL,
    number bigint NOT NULL,
    account_id bigint NOT NULL,
    revision bigint NOT NULL,
    caller text NOT NULL,
    call_id text NOT NULL,
    received_at_ms bigint NOT NULL,
    duration_ms integer NOT NULL,
    cut_off boolean NOT NULL,
    heard_at_ms bigint,
    transcript text
);


--
-- Name: missed_call_mails; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.missed_call_mails (
    id text NOT NULL,
    account_id bigint NOT NULL,
    number bigint NOT NULL,
    caller text NOT NULL,
    called_at_ms bigint NOT NULL,
    why text NOT NULL,
    recipient text NOT NULL,
    queued_at_ms bigint NOT NULL,
    due_at_ms bigint NOT NULL,
    state text NOT NULL,
    attempts integer NOT NULL,
    note text NOT NULL,
    ended_at_ms bigint,
    lease_owner text,
    leased_until_ms bigint,
    scheduled_at_ms bigint
);


--
-- Name: node_counts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.node_counts (
    node text NOT NULL,
    beat bigint NOT NULL,
    counts text NOT NULL
);


--
-- Name: numbers; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.numbers (
    number bigint NOT NULL,
    account_id bigint NOT NULL,
    label text NOT NULL,
    active boolean NOT NULL,
    forwarding_enabled boolean NOT NULL,
    rule_type smallint NOT NULL,
    target bigint,
    email text,
    ring_timeout_s smallint NOT NULL,
    revision bigint NOT NULL,
    updated_at_ms bigint,
    created_at_ms bigint NOT NULL,
    no_answer text DEFAULT 'release'::text NOT NULL,
    busy text DEFAULT 'release'::text NOT NULL,
    fallback_email text,
    routing_version smallint,
    routing text,
    renew_at_ms bigint,
    event_seq bigint DEFAULT '0'::bigint NOT NULL,
    event_tx bigint DEFAULT '0'::bigint NOT NULL
);


--
-- Name: operator_keys; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.operator_keys (
    id text NOT NULL,
    hash bytea NOT NULL,
    label text NOT NULL,
    scopes text NOT NULL,
    created_at_ms bigint NOT NULL,
    expires_at_ms bigint,
    revoked_at_ms bigint,
    numbers text,
    previous_hash bytea,
    previous_until_ms bigint,
    revision bigint DEFAULT '0'::bigint NOT NULL,
    made_by text
);


--
-- Name: past_changes; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.past_changes (
    removal_id bigint NOT NULL,
    number bigint NOT NULL,
    revision bigint NOT NULL,
    at_ms bigint NOT NULL,
    account_id bigint NOT NULL,
    key_id text,
    source text NOT NULL,
    before_type smallint NOT NULL,
    before_param text NOT NULL,
    after_type smallint NOT NULL,
    after_param text NOT NULL,
    options text DEFAULT ''::text NOT NULL,
    after_rule text DEFAULT ''::text NOT NULL
);


--
-- Name: policy_changes; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.policy_changes (
    id bigint NOT NULL,
    at_ms bigint NOT NULL,
    account_id bigint NOT NULL,
    key_id text,
    source text NOT NULL,
    before text NOT NULL,
    after text NOT NULL
);


--
-- Name: policy_changes_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.policy_changes_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: policy_changes_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.policy_changes_id_seq OWNED BY public.policy_changes.id;


--
-- Name: rates; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.rates (
    prefix text NOT NULL,
    price bigint NOT NULL,
    currency text NOT NULL
);


--
-- Name: removals; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.removals (
    id bigint NOT NULL,
    kind text NOT NULL,
    account_id bigint NOT NULL,
    at_ms bigint NOT NULL,
    key_id text,
    source text NOT NULL,
    number bigint,
    revision bigint,
    to_account_id bigint,
    closing_id bigint,
    keeps_messages boolean DEFAULT false NOT NULL,
    keeps_rule boolean DEFAULT false NOT NULL,
    numbers bigint DEFAULT '0'::bigint NOT NULL,
    messages bigint DEFAULT '0'::bigint NOT NULL,
    ended_at_ms bigint
);


--
-- Name: secrets; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.secrets (
    name text NOT NULL,
    sealed bytea NOT NULL
);


--
-- Name: shared_keys; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.shared_keys (
    id text NOT NULL,
    secret bytea NOT NULL,
    created_at_ms bigint NOT NULL
);


--
-- Name: spool_files; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.spool_files (
    file text NOT NULL,
    "offset" bigint NOT NULL
);


--
-- Name: store_info; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.store_info (
    key text NOT NULL,
    value text NOT NULL
);


--
-- Name: trunks; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.trunks (
    name text NOT NULL,
    direction text NOT NULL,
    networks text,
    called_from text,
    uri text,
    priority smallint,
    number_format text,
    diversion_headers text,
    caller_id text,
    region text NOT NULL,
    options_version smallint,
    options text
);


--
-- Name: usage; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.usage (
    name text NOT NULL,
    day integer NOT NULL,
    ms bigint NOT NULL,
    running bigint NOT NULL,
    spend bigint NOT NULL,
    price bigint NOT NULL
);


--
-- Name: webhook_deliveries; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.webhook_deliveries (
    id bigint NOT NULL,
    webhook_id text NOT NULL,
    "position" bigint NOT NULL,
    type text NOT NULL,
    lane bigint,
    created_at_ms bigint NOT NULL,
    due_at_ms bigint NOT NULL,
    state text NOT NULL,
    attempts integer NOT NULL,
    attempted_at_ms bigint,
    ended_at_ms bigint,
    duration_ms integer,
    status smallint,
    note text NOT NULL,
    answer text NOT NULL
);


--
-- Name: webhook_deliveries_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.webhook_deliveries_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: webhook_deliveries_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.webhook_deliveries_id_seq OWNED BY public.webhook_deliveries.id;


--
-- Name: webhooks; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.webhooks (
    id text NOT NULL,
    account_id bigint NOT NULL,
    url text NOT NULL,
    types text NOT NULL,
    numbers text NOT NULL,
    description text NOT NULL,
    created_at_ms bigint NOT NULL,
    updated_at_ms bigint NOT NULL,
    enabled boolean NOT NULL,
    revision bigint NOT NULL,
    failing_since_ms bigint,
    disabled_at_ms bigint,
    disabled_reason text,
    previous_until_ms bigint,
    cursor_tx bigint NOT NULL,
    cursor bigint NOT NULL,
    notice_due_at_ms bigint
);


--
-- Name: accounts id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.accounts ALTER COLUMN id SET DEFAULT nextval('public.accounts_id_seq'::regclass);


--
-- Name: calls id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.calls ALTER COLUMN id SET DEFAULT nextval('public.calls_id_seq'::regclass);


--
-- Name: events position; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.events ALTER COLUMN "position" SET DEFAULT nextval('public.events_position_seq'::regclass);


--
-- Name: key_changes id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.key_changes ALTER COLUMN id SET DEFAULT nextval('public.key_changes_id_seq'::regclass);


--
-- Name: policy_changes id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.policy_changes ALTER COLUMN id SET DEFAULT nextval('public.policy_changes_id_seq'::regclass);


--
-- Name: webhook_deliveries id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.webhook_deliveries ALTER COLUMN id SET DEFAULT nextval('public.webhook_deliveries_id_seq'::regclass);


--
-- Data for Name: accounts; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.accounts VALUES (1, 'acme', 'fr', 'FR', 1795969093939, 'Europe/Paris', 3650, 2, '{"destinations":{},"limits":{"account":{"calls":100000,"minutes_per_day":1000000}}}', NULL, NULL);
INSERT INTO public.accounts VALUES (2, 'beta', 'en', 'GB', 1795969108535, NULL, 30, 2, '{"destinations":{},"limits":{"account":{"calls":100000,"minutes_per_day":1000000}}}', NULL, NULL);


--
-- Data for Name: alembic_version; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.alembic_version VALUES ('0006');


--
-- Data for Name: api_answers; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: api_keys; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.api_keys VALUES ('235cffe8bacd', 1, '\x3e242591666f5a52ba3df7813a624547094141cd8ad015958af4bbb922e0df2a', '', '', 1795969095900, NULL, NULL, NULL, NULL, NULL, 0, NULL);
INSERT INTO public.api_keys VALUES ('fc7b045b985e', 1, '\xcff13fc0532e1b271b436368194092b30e2b6182aa54513b213b3c1ef99450c5', 'revoked', '', 1795969110273, NULL, 1795969111980, NULL, NULL, NULL, 1, NULL);


--
-- Data for Name: audit; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.audit VALUES (33199001204, 1, 1795969121423, 1, NULL, 'command line', 0, '', 1, '+33644630000', '[{"name":"ring_timeout_s","before":60,"after":20},{"name":"no_answer","before":"release","after":"voicemail"},{"name":"unreachable","before":"release","after":"voicemail"},{"name":"email","before":null,"after":"colleague@example.com"}]', '1 {"revision":1,"action":"forward","to":[33644630000],"ring_timeout_s":20,"on_no_answer":"voicemail","fallback_emails":["colleague@example.com"]}');
INSERT INTO public.audit VALUES (33199001234, 1, 1795969128645, 1, '235cffe8bacd', '127.0.0.1', 0, '', 1, '+33644631111', '', '1 {"revision":1,"action":"forward","to":[33644631111]}');
INSERT INTO public.audit VALUES (33199001234, 2, 1795969128656, 1, '235cffe8bacd', '127.0.0.1', 1, '+33644631111', 1, '+33644630000', '', '1 {"revision":2,"action":"forward","to":[33644630000]}');
INSERT INTO public.audit VALUES (33261910123, 1, 1795969128658, 1, '235cffe8bacd', '127.0.0.1', 0, '', 2, 'owner@example.com', '[{"name":"email","before":null,"after":"owner@example.com"}]', '1 {"revision":1,"action":"voicemail","emails":["owner@example.com"]}');


--
-- Data for Name: call_counts; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.call_counts VALUES ('forward', 486, 1);
INSERT INTO public.call_counts VALUES ('reject', 480, 1);
INSERT INTO public.call_counts VALUES ('voicemail', 200, 2);


--
-- Data for Name: call_ladders; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.call_ladders VALUES (1, 1795969128662, '{"legs":[{"destination":"sip:127.0.0.1:50295","request_uri":"sip:+33644630000@127.0.0.1:50295","sent_at_ms":1795969128667,"trunk":"carrier-out","headers":["Diversion: <sip:+33199001234@127.0.0.1>;reason=unconditional;counter=1;privacy=off","History-Info: <sip:+33199001234@127.0.0.1>;index=1","History-Info: <sip:+33644630000@127.0.0.1;cause=302>;index=1.1;mp=1"],"end":"answered","end_at_ms":1795969128669,"status":486,"phrase":"Test"}]}');
INSERT INTO public.call_ladders VALUES (3, 1795969128695, '{"legs":[{"destination":"sip:127.0.0.1:57691","request_uri":"sip:+33261910123@127.0.0.1:57691","sent_at_ms":1795969128697,"end":"answered","end_at_ms":1795969128715,"status":200,"phrase":"OK"}]}');
INSERT INTO public.call_ladders VALUES (4, 1795969148675, '{"legs":[{"destination":"sip:127.0.0.1:54391","request_uri":"sip:+33261910123@127.0.0.1:54391","sent_at_ms":1795969148705,"end":"answered","end_at_ms":1795969148717,"status":200,"phrase":"OK"}]}');


--
-- Data for Name: calls; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.calls VALUES (1, 'call-1-be107d61314c', '8937f6de', 1, '+33612345678', '+33199001234', 33199001234, 2, 'forward', NULL, 33644630000, 'carrier-out', 1795969128662, NULL, NULL, 1795969128669, 486, NULL, 'callee', '+33199001234', NULL, false, false, NULL, false, 'a1 n33199001234', NULL, NULL, 1);
INSERT INTO public.calls VALUES (2, 'call-2-f18ffd5eec5c', '590d8fcd', 1, '+33612345678', '+33199001201', 33199001201, 0, 'reject', 'disabled', NULL, NULL, 1795969128680, NULL, NULL, 1795969128680, 480, 20, 'edge', '', NULL, false, false, NULL, false, NULL, NULL, NULL, 1);
INSERT INTO public.calls VALUES (3, 'call-3-3f5d24b673a6', '78b0d870', 1, '+33653458599', '+33261910123', 33261910123, 1, 'voicemail', NULL, NULL, NULL, 1795969128695, NULL, 1795969128715, 1795969130137, 200, NULL, 'caller', '', false, false, false, NULL, false, NULL, NULL, NULL, 1);
INSERT INTO public.calls VALUES (4, 'call-4-b1b057879995', '0be8d20b', 1, '+33695267868', '+33261910123', 33261910123, 1, 'voicemail', NULL, NULL, NULL, 1795969148675, NULL, 1795969148717, 1795969150144, 200, NULL, 'caller', '', false, false, false, NULL, false, NULL, NULL, NULL, 1);


--
-- Data for Name: counters; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.counters VALUES ('mail_attempts_failed', 3);
INSERT INTO public.counters VALUES ('mails_kept', 1);
INSERT INTO public.counters VALUES ('messages', 2);
INSERT INTO public.counters VALUES ('recorded_ms', 2052);
INSERT INTO public.counters VALUES ('shared_keys', 0);
INSERT INTO public.counters VALUES ('trunks_revision', 2);


--
-- Data for Name: event_seqs; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.event_seqs VALUES (1, 33199001201, 1, 0);
INSERT INTO public.event_seqs VALUES (1, 33199001202, 2, 0);
INSERT INTO public.event_seqs VALUES (1, 33199001203, 1, 0);
INSERT INTO public.event_seqs VALUES (1, 33199001204, 1, 0);
INSERT INTO public.event_seqs VALUES (1, 33199001234, 1, 0);
INSERT INTO public.event_seqs VALUES (1, 33261910123, 1, 0);


--
-- Data for Name: events; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.events VALUES (1, 0, 1, 33199001234, 1, 'number.changed', 1795969098160, '{"change":"added"}');
INSERT INTO public.events VALUES (2, 0, 1, 33261910123, 1, 'number.changed', 1795969100284, '{"change":"added"}');
INSERT INTO public.events VALUES (3, 0, 1, 33199001201, 1, 'number.changed', 1795969113574, '{"change":"added"}');
INSERT INTO public.events VALUES (4, 0, 1, 33199001202, 1, 'number.changed', 1795969115379, '{"change":"added"}');
INSERT INTO public.events VALUES (5, 0, 1, 33199001203, 1, 'number.changed', 1795969116984, '{"change":"added"}');
INSERT INTO public.events VALUES (6, 0, 1, 33199001204, 1, 'number.changed', 1795969118653, '{"change":"added"}');
INSERT INTO public.events VALUES (7, 0, 1, 33199001202, 2, 'number.changed', 1795969120041, '{"change":"changed","label":"","state":"inactive","forwarding_enabled":true}');
INSERT INTO public.events VALUES (8, 0, 1, 33199001204, 2, 'forwarding.changed', 1795969121423, '{"revision":1,"key":null,"before":{"action":"off","to":[],"emails":[]},"after":{"action":"forward","to":["+33644630000"],"emails":["colleague@example.com"]},"options":[{"name":"ring_timeout_s","before":60,"after":20},{"name":"no_answer","before":"release","after":"voicemail"},{"name":"unreachable","before":"release","after":"voicemail"},{"name":"email","before":null,"after":"colleague@example.com"}]}');
INSERT INTO public.events VALUES (9, 0, 1, 33199001234, 2, 'forwarding.changed', 1795969128645, '{"revision":1,"key":"key_235cffe8bacd","before":{"action":"off","to":[],"emails":[]},"after":{"action":"forward","to":["+33644631111"],"emails":[]},"options":[]}');
INSERT INTO public.events VALUES (10, 0, 1, 33199001234, 3, 'forwarding.changed', 1795969128656, '{"revision":2,"key":"key_235cffe8bacd","before":{"action":"forward","to":["+33644631111"],"emails":[]},"after":{"action":"forward","to":["+33644630000"],"emails":[]},"options":[]}');
INSERT INTO public.events VALUES (11, 0, 1, 33261910123, 2, 'forwarding.changed', 1795969128658, '{"revision":1,"key":"key_235cffe8bacd","before":{"action":"off","to":[],"emails":[]},"after":{"action":"voicemail","to":[],"emails":["owner@example.com"]},"options":[{"name":"email","before":null,"after":"owner@example.com"}]}');
INSERT INTO public.events VALUES (12, 0, 1, 33199001201, 2, 'call.missed', 1795969128680, '{"id":"call_2","from":"+33612345678","withheld":false,"decision":"reject","reason":"disabled","target":null,"status":480,"cause":20,"hung_up_by":"edge","missed":null,"started_at":"2026-11-29T16:18:48.680Z","ringing_at":null,"answered_at":null,"ended_at":"2026-11-29T16:18:48.680Z","duration_s":null,"revision":0,"diversions":[],"sip_call_id":"call-2-f18ffd5eec5c"}');
INSERT INTO public.events VALUES (13, 0, 1, 33199001234, 4, 'call.missed', 1795969128669, '{"id":"call_1","from":"+33612345678","withheld":false,"decision":"forward","reason":null,"target":"+33644630000","status":486,"cause":null,"hung_up_by":"callee","missed":null,"started_at":"2026-11-29T16:18:48.662Z","ringing_at":null,"answered_at":null,"ended_at":"2026-11-29T16:18:48.669Z","duration_s":null,"revision":2,"diversions":["+33199001234"],"sip_call_id":"call-1-be107d61314c"}');
INSERT INTO public.events VALUES (14, 0, 1, 33261910123, 3, 'message.created', 1795969128709, '{"id":"msg_ad87464fbf834f1bb17e5cdf9a145e25","from":"+33653458599","received_at":"2026-11-29T16:18:48.709Z","duration_s":1.016}');
INSERT INTO public.events VALUES (15, 0, 1, 33261910123, 4, 'call.missed', 1795969130137, '{"id":"call_3","from":"+33653458599","withheld":false,"decision":"voicemail","reason":null,"target":null,"status":200,"cause":null,"hung_up_by":"caller","missed":false,"started_at":"2026-11-29T16:18:48.695Z","ringing_at":null,"answered_at":"2026-11-29T16:18:48.715Z","ended_at":"2026-11-29T16:18:50.137Z","duration_s":1.422,"revision":1,"diversions":[],"sip_call_id":"call-3-3f5d24b673a6"}');
INSERT INTO public.events VALUES (16, 0, 1, 33261910123, 5, 'message.created', 1795969148712, '{"id":"msg_74236014a410493f89f8d0caf2491809","from":"+33695267868","received_at":"2026-11-29T16:19:08.712Z","duration_s":1.036}');
INSERT INTO public.events VALUES (17, 0, 1, 33261910123, 6, 'call.missed', 1795969150144, '{"id":"call_4","from":"+33695267868","withheld":false,"decision":"voicemail","reason":null,"target":null,"status":200,"cause":null,"hung_up_by":"caller","missed":false,"started_at":"2026-11-29T16:19:08.675Z","ringing_at":null,"answered_at":"2026-11-29T16:19:08.717Z","ended_at":"2026-11-29T16:19:10.144Z","duration_s":1.427,"revision":1,"diversions":[],"sip_call_id":"call-4-b1b057879995"}');


--
-- Data for Name: further_mails; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: greetings; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.greetings VALUES (33261910123, 1795969131200, false, '\x52494646247f000057415645666d74201000000001000100803e0000007d00000200100064617461007f000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000ffff000002000000fdff000006000000f5ff000013000000e3ff00002c000000bfff00005e00000077ff0000cc000000bdfe00006502000035f7d0ee93edbaf12ef563f64af8fffba3ff4b020c054d08200b1c0ddb0e9b10dd115a124912c511a410db0ea40c320a8707970472014afe3dfb48f86ff5e4f2e1f065ef51eea6ed94ed3bee80ef25f108f339f5dcf7e7fa15fe26011f0423070e0a870c6e0e05106e115a127012c511ba10700fb30d5c0b9a08ae05a60270ff2dfc28f97ef60ff4cef1fbefd1ee3bee06ee3bee11ef90f07df2a4f406f7bdf9c8fc05003e034306f8085c0b850d700fee10c511fb11c5112f110510330ef10b8209d806d40390005afd52fa66f7a4f44df290f046ef3bee90eda6ed92eefbef92f179f3f2f5ddf8e1fbdafeeb0119052408c70af80cdb0e8010c5116c125a12af119b101f0f1c0d910ab807c304b6018cfe69fb7cf8cef555f325f168ef3beea5eda6ed40ee65eff9f0e4f222f5b3f795fab5fde9000104e7069d091d0c460ef70f3011ff115a121c123011a80fb10d6e0be2080106d7029fff94fcb2f9d3f60ef4baf107f0d0eef9eda6edf9edd0ee07f0baf10ef4d3f6b2f994fc9fffd7020106e2086e0bb10da80f30111c125a12ff113011f70f460e1d0c9d09e7060104e900b5fd95fab3f722f5e4f2f9f065ef40eea6eda5ed3bee68ef25f155f3cef57cf869fb8cfeb601c304b807910a1c0d1f0f9b10af115a126c12c5118010db0ef80cc70a24081905eb01dafee1fbddf8f2f579f392f1fbef92eea6ed90ed3bee46ef90f04df2a4f466f752fa5afd9000d403d8068209f10b330e05102f11c511fb11c511ee10700f850d5c0bf80843063e030500c8fcbdf906f7a4f47df290f011ef3bee06ee3beed1eefbefcef10ff47ef628f92dfc70ffa602ae059a085c0bb30d700fba10c51170125a126e1105106e0e870c0e0a23071f04260115fee7fadcf739f508f325f180ef3bee94eda6ed51ee65efe1f0e4f26ff548f83dfb4afe740197048407320aab0cdb0e9810c5115b125a12c0119b10070f1c0dde0a4d086b054b0217fffffb19f963f6e3f3baf109f0d0ee01eea6ede4edd0ee58f04ff292f41ef7fff929fd61006c034e062d09f20b460ef90f301107125a1207123011f90f460ef20b2d094e066c03610029fdfff91ef792f44ff258f0d0eee4eda6ed01eed0ee09f0baf1e3f363f619f9fffb17ff4b026b054d08de0a1c0d070f9b10c0115a125b12c5119810db0eab0c320a8407970474014afe3dfb48f86ff5e4f2e1f065ef51eea6ed94ed3bee80ef25f108f339f5dcf7e7fa15fe26011f0423070e0a870c6e0e05106e115a127012c511ba10700fb30d5c0b9a08ae05a60270ff2dfc28f97ef60ff4cef1fbefd1ee3bee06ee3bee11ef90f07df2a4f406f7bdf9c8fc05003e034306f8085c0b850d700fee10c511fb11c5112f110510330ef10b8209d806d40390005afd52fa66f7a4f44df290f046ef3bee90eda6ed92eefbef92f179f3f2f5ddf8e1fbdafeeb0119052408c70af80cdb0e8010c5116c125a12af119b101f0f1c0d910ab807c304b6018cfe69fb7cf8cef555f325f168ef3beea5eda6ed40ee65eff9f0e4f222f5b3f795fab5fde9000104e7069d091d0c460ef70f3011ff115a121c123011a80fb10d6e0be2080106d7029fff94fcb2f9d3f60ef4baf107f0d0eef9eda6edf9edd0ee07f0baf10ef4d3f6b2f994fc9fffd7020106e2086e0bb10da80f30111c125a12ff113011f70f460e1d0c9d09e7060104e900b5fd95fab3f722f5e4f2f9f065ef40eea6eda5ed3bee68ef25f155f3cef57cf869fb8cfeb601c304b807910a1c0d1f0f9b10af115a126c12c5118010db0ef80cc70a24081905eb01dafee1fbddf8f2f579f392f1fbef92eea6ed90ed3bee46ef90f04df2a4f466f752fa5afd9000d403d8068209f10b330e05102f11c511fb11c511ee10700f850d5c0bf80843063e030500c8fcbdf906f7a4f47df290f011ef3bee06ee3beed1eefbefcef10ff47ef628f92dfc70ffa602ae059a085c0bb30d700fba10c51170125a126e1105106e0e870c0e0a23071f04260115fee7fadcf739f508f325f180ef3bee94eda6ed51ee65efe1f0e4f26ff548f83dfb4afe740197048407320aab0cdb0e9810c5115b125a12c0119b10070f1c0dde0a4d086b054b0217fffffb19f963f6e3f3baf109f0d0ee01eea6ede4edd0ee58f04ff292f41ef7fff929fd61006c034e062d09f20b460ef90f301107125a1207123011f90f460ef20b2d094e066c03610029fdfff91ef792f44ff258f0d0eee4eda6ed01eed0ee09f0baf1e3f363f619f9fffb17ff4b026b054d08de0a1c0d070f9b10c0115a125b12c5119810db0eab0c320a8407970474014afe3dfb48f86ff5e4f2e1f065ef51eea6ed94ed3bee80ef25f108f339f5dcf7e7fa15fe26011f0423070e0a870c6e0e05106e115a127012c511ba10700fb30d5c0b9a08ae05a60270ff2dfc28f97ef60ff4cef1fbefd1ee3bee06ee3bee11ef90f07df2a4f406f7bdf9c8fc05003e034306f8085c0b850d700fee10c511fb11c5112f110510330ef10b8209d806d40390005afd52fa66f7a4f44df290f046ef3bee90eda6ed92eefbef92f179f3f2f5ddf8e1fbdafeeb0119052408c70af80cdb0e8010c5116c125a12af119b101f0f1c0d910ab807c304b6018cfe69fb7cf8cef555f325f168ef3beea5eda6ed40ee65eff9f0e4f222f5b3f795fab5fde9000104e7069d091d0c460ef70f3011ff115a121c123011a80fb10d6e0be2080106d7029fff94fcb2f9d3f60ef4baf107f0d0eef9eda6edf9edd0ee07f0baf10ef4d3f6b2f994fc9fffd7020106e2086e0bb10da80f30111c125a12ff113011f70f460e1d0c9d09e7060104e900b5fd95fab3f722f5e4f2f9f065ef40eea6eda5ed3bee68ef25f155f3cef57cf869fb8cfeb601c304b807910a1c0d1f0f9b10af115a126c12c5118010db0ef80cc70a24081905eb01dafee1fbddf8f2f579f392f1fbef92eea6ed90ed3bee46ef90f04df2a4f466f752fa5afd9000d403d8068209f10b330e05102f11c511fb11c511ee10700f850d5c0bf80843063e030500c8fcbdf906f7a4f47df290f011ef3bee06ee3beed1eefbefcef10ff47ef628f92dfc70ffa602ae059a085c0bb30d700fba10c51170125a126e1105106e0e870c0e0a23071f04260115fee7fadcf739f508f325f180ef3bee94eda6ed51ee65efe1f0e4f26ff548f83dfb4afe740197048407320aab0cdb0e9810c5115b125a12c0119b10070f1c0dde0a4d086b054b0217fffffb19f963f6e3f3baf109f0d0ee01eea6ede4edd0ee58f04ff292f41ef7fff929fd61006c034e062d09f20b460ef90f301107125a1207123011f90f460ef20b2d094e066c03610029fdfff91ef792f44ff258f0d0eee4eda6ed01eed0ee09f0baf1e3f363f619f9fffb17ff4b026b054d08de0a1c0d070f9b10c0115a125b12c5119810db0eab0c320a8407970474014afe3dfb48f86ff5e4f2e1f065ef51eea6ed94ed3bee80ef25f108f339f5dcf7e7fa15fe26011f0423070e0a870c6e0e05106e115a127012c511ba10700fb30d5c0b9a08ae05a60270ff2dfc28f97ef60ff4cef1fbefd1ee3bee06ee3bee11ef90f07df2a4f406f7bdf9c8fc05003e034306f8085c0b850d700fee10c511fb11c5112f110510330ef10b8209d806d40390005afd52fa66f7a4f44df290f046ef3bee90eda6ed92eefbef92f179f3f2f5ddf8e1fbdafeeb0119052408c70af80cdb0e8010c5116c125a12af119b101f0f1c0d910ab807c304b6018cfe69fb7cf8cef555f325f168ef3beea5eda6ed40ee65eff9f0e4f222f5b3f795fab5fde9000104e7069d091d0c460ef70f3011ff115a121c123011a80fb10d6e0be2080106d7029fff94fcb2f9d3f60ef4baf107f0d0eef9eda6edf9edd0ee07f0baf10ef4d3f6b2f994fc9fffd7020106e2086e0bb10da80f30111c125a12ff113011f70f460e1d0c9d09e7060104e900b5fd95fab3f722f5e4f2f9f065ef40eea6eda5ed3bee68ef25f155f3cef57cf869fb8cfeb601c304b807910a1c0d1f0f9b10af115a126c12c5118010db0ef80cc70a24081905eb01dafee1fbddf8f2f579f392f1fbef92eea6ed90ed3bee46ef90f04df2a4f466f752fa5afd9000d403d8068209f10b330e05102f11c511fb11c511ee10700f850d5c0bf80843063e030500c8fcbdf906f7a4f47df290f011ef3bee06ee3beed1eefbefcef10ff47ef628f92dfc70ffa602ae059a085c0bb30d700fba10c51170125a126e1105106e0e870c0e0a23071f04260115fee7fadcf739f508f325f180ef3bee94eda6ed51ee65efe1f0e4f26ff548f83dfb4afe740197048407320aab0cdb0e9810c5115b125a12c0119b10070f1c0dde0a4d086b054b0217fffffb19f963f6e3f3baf109f0d0ee01eea6ede4edd0ee58f04ff292f41ef7fff929fd61006c034e062d09f20b460ef90f301107125a1207123011f90f460ef20b2d094e066c03610029fdfff91ef792f44ff258f0d0eee4eda6ed01eed0ee09f0baf1e3f363f619f9fffb17ff4b026b054d08de0a1c0d070f9b10c0115a125b12c5119810db0eab0c320a8407970474014afe3dfb48f86ff5e4f2e1f065ef51eea6ed94ed3bee80ef25f108f339f5dcf7e7fa15fe26011f0423070e0a870c6e0e05106e115a127012c511ba10700fb30d5c0b9a08ae05a60270ff2dfc28f97ef60ff4cef1fbefd1ee3bee06ee3bee11ef90f07df2a4f406f7bdf9c8fc05003e034306f8085c0b850d700fee10c511fb11c5112f110510330ef10b8209d806d40390005afd52fa66f7a4f44df290f046ef3bee90eda6ed92eefbef92f179f3f2f5ddf8e1fbdafeeb0119052408c70af80cdb0e8010c5116c125a12af119b101f0f1c0d910ab807c304b6018cfe69fb7cf8cef555f325f168ef3beea5eda6ed40ee65eff9f0e4f222f5b3f795fab5fde9000104e7069d091d0c460ef70f3011ff115a121c123011a80fb10d6e0be2080106d7029fff94fcb2f9d3f60ef4baf107f0d0eef9eda6edf9edd0ee07f0baf10ef4d3f6b2f994fc9fffd7020106e2086e0bb10da80f30111c125a12ff113011f70f460e1d0c9d09e7060104e900b5fd95fab3f722f5e4f2f9f065ef40eea6eda5ed3bee68ef25f155f3cef57cf869fb8cfeb601c304b807910a1c0d1f0f9b10af115a126c12c5118010db0ef80cc70a24081905eb01dafee1fbddf8f2f579f392f1fbef92eea6ed90ed3bee46ef90f04df2a4f466f752fa5afd9000d403d8068209f10b330e05102f11c511fb11c511ee10700f850d5c0bf80843063e030500c8fcbdf906f7a4f47df290f011ef3bee06ee3beed1eefbefcef10ff47ef628f92dfc70ffa602ae059a085c0bb30d700fba10c51170125a126e1105106e0e870c0e0a23071f04260115fee7fadcf739f508f325f180ef3bee94eda6ed51ee65efe1f0e4f26ff548f83dfb4afe740197048407320aab0cdb0e9810c5115b125a12c0119b10070f1c0dde0a4d086b054b0217fffffb19f963f6e3f3baf109f0d0ee01eea6ede4edd0ee58f04ff292f41ef7fff929fd61006c034e062d09f20b460ef90f301107125a1207123011f90f460ef20b2d094e066c03610029fdfff91ef792f44ff258f0d0eee4eda6ed01eed0ee09f0baf1e3f363f619f9fffb17ff4b026b054d08de0a1c0d070f9b10c0115a125b12c5119810db0eab0c320a8407970474014afe3dfb48f86ff5e4f2e1f065ef51eea6ed94ed3bee80ef25f108f339f5dcf7e7fa15fe26011f0423070e0a870c6e0e05106e115a127012c511ba10700fb30d5c0b9a08ae05a60270ff2dfc28f97ef60ff4cef1fbefd1ee3bee06ee3bee11ef90f07df2a4f406f7bdf9c8fc05003e034306f8085c0b850d700fee10c511fb11c5112f110510330ef10b8209d806d40390005afd52fa66f7a4f44df290f046ef3bee90eda6ed92eefbef92f179f3f2f5ddf8e1fbdafeeb0119052408c70af80cdb0e8010c5116c125a12af119b101f0f1c0d910ab807c304b6018cfe69fb7cf8cef555f325f168ef3beea5eda6ed40ee65eff9f0e4f222f5b3f795fab5fde9000104e7069d091d0c460ef70f3011ff115a121c123011a80fb10d6e0be2080106d7029fff94fcb2f9d3f60ef4baf107f0d0eef9eda6edf9edd0ee07f0baf10ef4d3f6b2f994fc9fffd7020106e2086e0bb10da80f30111c125a12ff113011f70f460e1d0c9d09e7060104e900b5fd95fab3f722f5e4f2f9f065ef40eea6eda5ed3bee68ef25f155f3cef57cf869fb8cfeb601c304b807910a1c0d1f0f9b10af115a126c12c5118010db0ef80cc70a24081905eb01dafee1fbddf8f2f579f392f1fbef92eea6ed90ed3bee46ef90f04df2a4f466f752fa5afd9000d403d8068209f10b330e05102f11c511fb11c511ee10700f850d5c0bf80843063e030500c8fcbdf906f7a4f47df290f011ef3bee06ee3beed1eefbefcef10ff47ef628f92dfc70ffa602ae059a085c0bb30d700fba10c51170125a126e1105106e0e870c0e0a23071f04260115fee7fadcf739f508f325f180ef3bee94eda6ed51ee65efe1f0e4f26ff548f83dfb4afe740197048407320aab0cdb0e9810c5115b125a12c0119b10070f1c0dde0a4d086b054b0217fffffb19f963f6e3f3baf109f0d0ee01eea6ede4edd0ee58f04ff292f41ef7fff929fd61006c034e062d09f20b460ef90f301107125a1207123011f90f460ef20b2d094e066c03610029fdfff91ef792f44ff258f0d0eee4eda6ed01eed0ee09f0baf1e3f363f619f9fffb17ff4b026b054d08de0a1c0d070f9b10c0115a125b12c5119810db0eab0c320a8407970474014afe3dfb48f86ff5e4f2e1f065ef51eea6ed94ed3bee80ef25f108f339f5dcf7e7fa15fe26011f0423070e0a870c6e0e05106e115a127012c511ba10700fb30d5c0b9a08ae05a60270ff2dfc28f97ef60ff4cef1fbefd1ee3bee06ee3bee11ef90f07df2a4f406f7bdf9c8fc05003e034306f8085c0b850d700fee10c511fb11c5112f110510330ef10b8209d806d40390005afd52fa66f7a4f44df290f046ef3bee90eda6ed92eefbef92f179f3f2f5ddf8e1fbdafeeb0119052408c70af80cdb0e8010c5116c125a12af119b101f0f1c0d910ab807c304b6018cfe69fb7cf8cef555f325f168ef3beea5eda6ed40ee65eff9f0e4f222f5b3f795fab5fde9000104e7069d091d0c460ef70f3011ff115a121c123011a80fb10d6e0be2080106d7029fff94fcb2f9d3f60ef4baf107f0d0eef9eda6edf9edd0ee07f0baf10ef4d3f6b2f994fc9fffd7020106e2086e0bb10da80f30111c125a12ff113011f70f460e1d0c9d09e7060104e900b5fd95fab3f722f5e4f2f9f065ef40eea6eda5ed3bee68ef25f155f3cef57cf869fb8cfeb601c304b807910a1c0d1f0f9b10af115a126c12c5118010db0ef80cc70a24081905eb01dafee1fbddf8f2f579f392f1fbef92eea6ed90ed3bee46ef90f04df2a4f466f752fa5afd9000d403d8068209f10b330e05102f11c511fb11c511ee10700f850d5c0bf80843063e030500c8fcbdf906f7a4f47df290f011ef3bee06ee3beed1eefbefcef10ff47ef628f92dfc70ffa602ae059a085c0bb30d700fba10c51170125a126e1105106e0e870c0e0a23071f04260115fee7fadcf739f508f325f180ef3bee94eda6ed51ee65efe1f0e4f26ff548f83dfb4afe740197048407320aab0cdb0e9810c5115b125a12c0119b10070f1c0dde0a4d086b054b0217fffffb19f963f6e3f3baf109f0d0ee01eea6ede4edd0ee58f04ff292f41ef7fff929fd61006c034e062d09f20b460ef90f301107125a1207123011f90f460ef20b2d094e066c03610029fdfff91ef792f44ff258f0d0eee4eda6ed01eed0ee09f0baf1e3f363f619f9fffb17ff4b026b054d08de0a1c0d070f9b10c0115a125b12c5119810db0eab0c320a8407970474014afe3dfb48f86ff5e4f2e1f065ef51eea6ed94ed3bee80ef25f108f339f5dcf7e7fa15fe26011f0423070e0a870c6e0e05106e115a127012c511ba10700fb30d5c0b9a08ae05a60270ff2dfc28f97ef60ff4cef1fbefd1ee3bee06ee3bee11ef90f07df2a4f406f7bdf9c8fc05003e034306f8085c0b850d700fee10c511fb11c5112f110510330ef10b8209d806d40390005afd52fa66f7a4f44df290f046ef3bee90eda6ed92eefbef92f179f3f2f5ddf8e1fbdafeeb0119052408c70af80cdb0e8010c5116c125a12af119b101f0f1c0d910ab807c304b6018cfe69fb7cf8cef555f325f168ef3beea5eda6ed40ee65eff9f0e4f222f5b3f795fab5fde9000104e7069d091d0c460ef70f3011ff115a121c123011a80fb10d6e0be2080106d7029fff94fcb2f9d3f60ef4baf107f0d0eef9eda6edf9edd0ee07f0baf10ef4d3f6b2f994fc9fffd7020106e2086e0bb10da80f30111c125a12ff113011f70f460e1d0c9d09e7060104e900b5fd95fab3f722f5e4f2f9f065ef40eea6eda5ed3bee68ef25f155f3cef57cf869fb8cfeb601c304b807910a1c0d1f0f9b10af115a126c12c5118010db0ef80cc70a24081905eb01dafee1fbddf8f2f579f392f1fbef92eea6ed90ed3bee46ef90f04df2a4f466f752fa5afd9000d403d8068209f10b330e05102f11c511fb11c511ee10700f850d5c0bf80843063e030500c8fcbdf906f7a4f47df290f011ef3bee06ee3beed1eefbefcef10ff47ef628f92dfc70ffa602ae059a085c0bb30d700fba10c51170125a126e1105106e0e870c0e0a23071f04260115fee7fadcf739f508f325f180ef3bee94eda6ed51ee65efe1f0e4f26ff548f83dfb4afe740197048407320aab0cdb0e9810c5115b125a12c0119b10070f1c0dde0a4d086b054b0217fffffb19f963f6e3f3baf109f0d0ee01eea6ede4edd0ee58f04ff292f41ef7fff929fd61006c034e062d09f20b460ef90f301107125a1207123011f90f460ef20b2d094e066c03610029fdfff91ef792f44ff258f0d0eee4eda6ed01eed0ee09f0baf1e3f363f619f9fffb17ff4b026b054d08de0a1c0d070f9b10c0115a125b12c5119810db0eab0c320a8407970474014afe3dfb48f86ff5e4f2e1f065ef51eea6ed94ed3bee80ef25f108f339f5dcf7e7fa15fe26011f0423070e0a870c6e0e05106e115a127012c511ba10700fb30d5c0b9a08ae05a60270ff2dfc28f97ef60ff4cef1fbefd1ee3bee06ee3bee11ef90f07df2a4f406f7bdf9c8fc05003e034306f8085c0b850d700fee10c511fb11c5112f110510330ef10b8209d806d40390005afd52fa66f7a4f44df290f046ef3bee90eda6ed92eefbef92f179f3f2f5ddf8e1fbdafeeb0119052408c70af80cdb0e8010c5116c125a12af119b101f0f1c0d910ab807c304b6018cfe69fb7cf8cef555f325f168ef3beea5eda6ed40ee65eff9f0e4f222f5b3f795fab5fde9000104e7069d091d0c460ef70f3011ff115a121c123011a80fb10d6e0be2080106d7029fff94fcb2f9d3f60ef4baf107f0d0eef9eda6edf9edd0ee07f0baf10ef4d3f6b2f994fc9fffd7020106e2086e0bb10da80f30111c125a12ff113011f70f460e1d0c9d09e7060104e900b5fd95fab3f722f5e4f2f9f065ef40eea6eda5ed3bee68ef25f155f3cef57cf869fb8cfeb601c304b807910a1c0d1f0f9b10af115a126c12c5118010db0ef80cc70a24081905eb01dafee1fbddf8f2f579f392f1fbef92eea6ed90ed3bee46ef90f04df2a4f466f752fa5afd9000d403d8068209f10b330e05102f11c511fb11c511ee10700f850d5c0bf80843063e030500c8fcbdf906f7a4f47df290f011ef3bee06ee3beed1eefbefcef10ff47ef628f92dfc70ffa602ae059a085c0bb30d700fba10c51170125a126e1105106e0e870c0e0a23071f04260115fee7fadcf739f508f325f180ef3bee94eda6ed51ee65efe1f0e4f26ff548f83dfb4afe740197048407320aab0cdb0e9810c5115b125a12c0119b10070f1c0dde0a4d086b054b0217fffffb19f963f6e3f3baf109f0d0ee01eea6ede4edd0ee58f04ff292f41ef7fff929fd61006c034e062d09f20b460ef90f301107125a1207123011f90f460ef20b2d094e066c03610029fdfff91ef792f44ff258f0d0eee4eda6ed01eed0ee09f0baf1e3f363f619f9fffb17ff4b026b054d08de0a1c0d070f9b10c0115a125b12c5119810db0eab0c320a8407970474014afe3dfb48f86ff5e4f2e1f065ef51eea6ed94ed3bee80ef25f108f339f5dcf7e7fa15fe26011f0423070e0a870c6e0e05106e115a127012c511ba10700fb30d5c0b9a08ae05a60270ff2dfc28f97ef60ff4cef1fbefd1ee3bee06ee3bee11ef90f07df2a4f406f7bdf9c8fc05003e034306f8085c0b850d700fee10c511fb11c5112f110510330ef10b8209d806d40390005afd52fa66f7a4f44df290f046ef3bee90eda6ed92eefbef92f179f3f2f5ddf8e1fbdafeeb0119052408c70af80cdb0e8010c5116c125a12af119b101f0f1c0d910ab807c304b6018cfe69fb7cf8cef555f325f168ef3beea5eda6ed40ee65eff9f0e4f222f5b3f795fab5fde9000104e7069d091d0c460ef70f3011ff115a121c123011a80fb10d6e0be2080106d7029fff94fcb2f9d3f60ef4baf107f0d0eef9eda6edf9edd0ee07f0baf10ef4d3f6b2f994fc9fffd7020106e2086e0bb10da80f30111c125a12ff113011f70f460e1d0c9d09e7060104e900b5fd95fab3f722f5e4f2f9f065ef40eea6eda5ed3bee68ef25f155f3cef57cf869fb8cfeb601c304b807910a1c0d1f0f9b10af115a126c12c5118010db0ef80cc70a24081905eb01dafee1fbddf8f2f579f392f1fbef92eea6ed90ed3bee46ef90f04df2a4f466f752fa5afd9000d403d8068209f10b330e05102f11c511fb11c511ee10700f850d5c0bf80843063e030500c8fcbdf906f7a4f47df290f011ef3bee06ee3beed1eefbefcef10ff47ef628f92dfc70ffa602ae059a085c0bb30d700fba10c51170125a126e1105106e0e870c0e0a23071f04260115fee7fadcf739f508f325f180ef3bee94eda6ed51ee65efe1f0e4f26ff548f83dfb4afe740197048407320aab0cdb0e9810c5115b125a12c0119b10070f1c0dde0a4d086b054b0217fffffb19f963f6e3f3baf109f0d0ee01eea6ede4edd0ee58f04ff292f41ef7fff929fd61006c034e062d09f20b460ef90f301107125a1207123011f90f460ef20b2d094e066c03610029fdfff91ef792f44ff258f0d0eee4eda6ed01eed0ee09f0baf1e3f363f619f9fffb17ff4b026b054d08de0a1c0d070f9b10c0115a125b12c5119810db0eab0c320a8407970474014afe3dfb48f86ff5e4f2e1f065ef51eea6ed94ed3bee80ef25f108f339f5dcf7e7fa15fe26011f0423070e0a870c6e0e05106e115a127012c511ba10700fb30d5c0b9a08ae05a60270ff2dfc28f97ef60ff4cef1fbefd1ee3bee06ee3bee11ef90f07df2a4f406f7bdf9c8fc05003e034306f8085c0b850d700fee10c511fb11c5112f110510330ef10b8209d806d40390005afd52fa66f7a4f44df290f046ef3bee90eda6ed92eefbef92f179f3f2f5ddf8e1fbdafeeb0119052408c70af80cdb0e8010c5116c125a12af119b101f0f1c0d910ab807c304b6018cfe69fb7cf8cef555f325f168ef3beea5eda6ed40ee65eff9f0e4f222f5b3f795fab5fde9000104e7069d091d0c460ef70f3011ff115a121c123011a80fb10d6e0be2080106d7029fff94fcb2f9d3f60ef4baf107f0d0eef9eda6edf9edd0ee07f0baf10ef4d3f6b2f994fc9fffd7020106e2086e0bb10da80f30111c125a12ff113011f70f460e1d0c9d09e7060104e900b5fd95fab3f722f5e4f2f9f065ef40eea6eda5ed3bee68ef25f155f3cef57cf869fb8cfeb601c304b807910a1c0d1f0f9b10af115a126c12c5118010db0ef80cc70a24081905eb01dafee1fbddf8f2f579f392f1fbef92eea6ed90ed3bee46ef90f04df2a4f466f752fa5afd9000d403d8068209f10b330e05102f11c511fb11c511ee10700f850d5c0bf80843063e030500c8fcbdf906f7a4f47df290f011ef3bee06ee3beed1eefbefcef10ff47ef628f92dfc70ffa602ae059a085c0bb30d700fba10c51170125a126e1105106e0e870c0e0a23071f04260115fee7fadcf739f508f325f180ef3bee94eda6ed51ee65efe1f0e4f26ff548f83dfb4afe740197048407320aab0cdb0e9810c5115b125a12c0119b10070f1c0dde0a4d086b054b0217fffffb19f963f6e3f3baf109f0d0ee01eea6ede4edd0ee58f04ff292f41ef7fff929fd61006c034e062d09f20b460ef90f301107125a1207123011f90f460ef20b2d094e066c03610029fdfff91ef792f44ff258f0d0eee4eda6ed01eed0ee09f0baf1e3f363f619f9fffb17ff4b026b054d08de0a1c0d070f9b10c0115a125b12c5119810db0eab0c320a8407970474014afe3dfb48f86ff5e4f2e1f065ef51eea6ed94ed3bee80ef25f108f339f5dcf7e7fa15fe26011f0423070e0a870c6e0e05106e115a127012c511ba10700fb30d5c0b9a08ae05a60270ff2dfc28f97ef60ff4cef1fbefd1ee3bee06ee3bee11ef90f07df2a4f406f7bdf9c8fc05003e034306f8085c0b850d700fee10c511fb11c5112f110510330ef10b8209d806d40390005afd52fa66f7a4f44df290f046ef3bee90eda6ed92eefbef92f179f3f2f5ddf8e1fbdafeeb0119052408c70af80cdb0e8010c5116c125a12af119b101f0f1c0d910ab807c304b6018cfe69fb7cf8cef555f325f168ef3beea5eda6ed40ee65eff9f0e4f222f5b3f795fab5fde9000104e7069d091d0c460ef70f3011ff115a121c123011a80fb10d6e0be2080106d7029fff94fcb2f9d3f60ef4baf107f0d0eef9eda6edf9edd0ee07f0baf10ef4d3f6b2f994fc9fffd7020106e2086e0bb10da80f30111c125a12ff113011f70f460e1d0c9d09e7060104e900b5fd95fab3f722f5e4f2f9f065ef40eea6eda5ed3bee68ef25f155f3cef57cf869fb8cfeb601c304b807910a1c0d1f0f9b10af115a126c12c5118010db0ef80cc70a24081905eb01dafee1fbddf8f2f579f392f1fbef92eea6ed90ed3bee46ef90f04df2a4f466f752fa5afd9000d403d8068209f10b330e05102f11c511fb11c511ee10700f850d5c0bf80843063e030500c8fcbdf906f7a4f47df290f011ef3bee06ee3beed1eefbefcef10ff47ef628f92dfc70ffa602ae059a085c0bb30d700fba10c51170125a126e1105106e0e870c0e0a23071f04260115fee7fadcf739f508f325f180ef3bee94eda6ed51ee65efe1f0e4f26ff548f83dfb4afe740197048407320aab0cdb0e9810c5115b125a12c0119b10070f1c0dde0a4d086b054b0217fffffb19f963f6e3f3baf109f0d0ee01eea6ede4edd0ee58f04ff292f41ef7fff929fd61006c034e062d09f20b460ef90f301107125a1207123011f90f460ef20b2d094e066c03610029fdfff91ef792f44ff258f0d0eee4eda6ed01eed0ee09f0baf1e3f363f619f9fffb17ff4b026b054d08de0a1c0d070f9b10c0115a125b12c5119810db0eab0c320a8407970474014afe3dfb48f86ff5e4f2e1f065ef51eea6ed94ed3bee80ef25f108f339f5dcf7e7fa15fe26011f0423070e0a870c6e0e05106e115a127012c511ba10700fb30d5c0b9a08ae05a60270ff2dfc28f97ef60ff4cef1fbefd1ee3bee06ee3bee11ef90f07df2a4f406f7bdf9c8fc05003e034306f8085c0b850d700fee10c511fb11c5112f110510330ef10b8209d806d40390005afd52fa66f7a4f44df290f046ef3bee90eda6ed92eefbef92f179f3f2f5ddf8e1fbdafeeb0119052408c70af80cdb0e8010c5116c125a12af119b101f0f1c0d910ab807c304b6018cfe69fb7cf8cef555f325f168ef3beea5eda6ed40ee65eff9f0e4f222f5b3f795fab5fde9000104e7069d091d0c460ef70f3011ff115a121c123011a80fb10d6e0be2080106d7029fff94fcb2f9d3f60ef4baf107f0d0eef9eda6edf9edd0ee07f0baf10ef4d3f6b2f994fc9fffd7020106e2086e0bb10da80f30111c125a12ff113011f70f460e1d0c9d09e7060104e900b5fd95fab3f722f5e4f2f9f065ef40eea6eda5ed3bee68ef25f155f3cef57cf869fb8cfeb601c304b807910a1c0d1f0f9b10af115a126c12c5118010db0ef80cc70a24081905eb01dafee1fbddf8f2f579f392f1fbef92eea6ed90ed3bee46ef90f04df2a4f466f752fa5afd9000d403d8068209f10b330e05102f11c511fb11c511ee10700f850d5c0bf80843063e030500c8fcbdf906f7a4f47df290f011ef3bee06ee3beed1eefbefcef10ff47ef628f92dfc70ffa602ae059a085c0bb30d700fba10c51170125a126e1105106e0e870c0e0a23071f04260115fee7fadcf739f508f325f180ef3bee94eda6ed51ee65efe1f0e4f26ff548f83dfb4afe740197048407320aab0cdb0e9810c5115b125a12c0119b10070f1c0dde0a4d086b054b0217fffffb19f963f6e3f3baf109f0d0ee01eea6ede4edd0ee58f04ff292f41ef7fff929fd61006c034e062d09f20b460ef90f301107125a1207123011f90f460ef20b2d094e066c03610029fdfff91ef792f44ff258f0d0eee4eda6ed01eed0ee09f0baf1e3f363f619f9fffb17ff4b026b054d08de0a1c0d070f9b10c0115a125b12c5119810db0eab0c320a8407970474014afe3dfb48f86ff5e4f2e1f065ef51eea6ed94ed3bee80ef25f108f339f5dcf7e7fa15fe26011f0423070e0a870c6e0e05106e115a127012c511ba10700fb30d5c0b9a08ae05a60270ff2dfc28f97ef60ff4cef1fbefd1ee3bee06ee3bee11ef90f07df2a4f406f7bdf9c8fc05003e034306f8085c0b850d700fee10c511fb11c5112f110510330ef10b8209d806d40390005afd52fa66f7a4f44df290f046ef3bee90eda6ed92eefbef92f179f3f2f5ddf8e1fbdafeeb0119052408c70af80cdb0e8010c5116c125a12af119b101f0f1c0d910ab807c304b6018cfe69fb7cf8cef555f325f168ef3beea5eda6ed40ee65eff9f0e4f222f5b3f795fab5fde9000104e7069d091d0c460ef70f3011ff115a121c123011a80fb10d6e0be2080106d7029fff94fcb2f9d3f60ef4baf107f0d0eef9eda6edf9edd0ee07f0baf10ef4d3f6b2f994fc9fffd7020106e2086e0bb10da80f30111c125a12ff113011f70f460e1d0c9d09e7060104e900b5fd95fab3f722f5e4f2f9f065ef40eea6eda5ed3bee68ef25f155f3cef57cf869fb8cfeb601c304b807910a1c0d1f0f9b10af115a126c12c5118010db0ef80cc70a24081905eb01dafee1fbddf8f2f579f392f1fbef92eea6ed90ed3bee46ef90f04df2a4f466f752fa5afd9000d403d8068209f10b330e05102f11c511fb11c511ee10700f850d5c0bf80843063e030500c8fcbdf906f7a4f47df290f011ef3bee06ee3beed1eefbefcef10ff47ef628f92dfc70ffa602ae059a085c0bb30d700fba10c51170125a126e1105106e0e870c0e0a23071f04260115fee7fadcf739f508f325f180ef3bee94eda6ed51ee65efe1f0e4f26ff548f83dfb4afe740197048407320aab0cdb0e9810c5115b125a12c0119b10070f1c0dde0a4d086b054b0217fffffb19f963f6e3f3baf109f0d0ee01eea6ede4edd0ee58f04ff292f41ef7fff929fd61006c034e062d09f20b460ef90f301107125a1207123011f90f460ef20b2d094e066c03610029fdfff91ef792f44ff258f0d0eee4eda6ed01eed0ee09f0baf1e3f363f619f9fffb17ff4b026b054d08de0a1c0d070f9b10c0115a125b12c5119810db0eab0c320a8407970474014afe3dfb48f86ff5e4f2e1f065ef51eea6ed94ed3bee80ef25f108f339f5dcf7e7fa15fe26011f0423070e0a870c6e0e05106e115a127012c511ba10700fb30d5c0b9a08ae05a60270ff2dfc28f97ef60ff4cef1fbefd1ee3bee06ee3bee11ef90f07df2a4f406f7bdf9c8fc05003e034306f8085c0b850d700fee10c511fb11c5112f110510330ef10b8209d806d40390005afd52fa66f7a4f44df290f046ef3bee90eda6ed92eefbef92f179f3f2f5ddf8e1fbdafeeb0119052408c70af80cdb0e8010c5116c125a12af119b101f0f1c0d910ab807c304b6018cfe69fb7cf8cef555f325f168ef3beea5eda6ed40ee65eff9f0e4f222f5b3f795fab5fde9000104e7069d091d0c460ef70f3011ff115a121c123011a80fb10d6e0be2080106d7029fff94fcb2f9d3f60ef4baf107f0d0eef9eda6edf9edd0ee07f0baf10ef4d3f6b2f994fc9fffd7020106e2086e0bb10da80f30111c125a12ff113011f70f460e1d0c9d09e7060104e900b5fd95fab3f722f5e4f2f9f065ef40eea6eda5ed3bee68ef25f155f3cef57cf869fb8cfeb601c304b807910a1c0d1f0f9b10af115a126c12c5118010db0ef80cc70a24081905eb01dafee1fbddf8f2f579f392f1fbef92eea6ed90ed3bee46ef90f04df2a4f466f752fa5afd9000d403d8068209f10b330e05102f11c511fb11c511ee10700f850d5c0bf80843063e030500c8fcbdf906f7a4f47df290f011ef3bee06ee3beed1eefbefcef10ff47ef628f92dfc70ffa602ae059a085c0bb30d700fba10c51170125a126e1105106e0e870c0e0a23071f04260115fee7fadcf739f508f325f180ef3bee94eda6ed51ee65efe1f0e4f26ff548f83dfb4afe740197048407320aab0cdb0e9810c5115b125a12c0119b10070f1c0dde0a4d086b054b0217fffffb19f963f6e3f3baf109f0d0ee01eea6ede4edd0ee58f04ff292f41ef7fff929fd61006c034e062d09f20b460ef90f301107125a1207123011f90f460ef20b2d094e066c03610029fdfff91ef792f44ff258f0d0eee4eda6ed01eed0ee09f0baf1e3f363f619f9fffb17ff4b026b054d08de0a1c0d070f9b10c0115a125b12c5119810db0eab0c320a8407970474014afe3dfb48f86ff5e4f2e1f065ef51eea6ed94ed3bee80ef25f108f339f5dcf7e7fa15fe26011f0423070e0a870c6e0e05106e115a127012c511ba10700fb30d5c0b9a08ae05a60270ff2dfc28f97ef60ff4cef1fbefd1ee3bee06ee3bee11ef90f07df2a4f406f7bdf9c8fc05003e034306f8085c0b850d700fee10c511fb11c5112f110510330ef10b8209d806d40390005afd52fa66f7a4f44df290f046ef3bee90eda6ed92eefbef92f179f3f2f5ddf8e1fbdafeeb0119052408c70af80cdb0e8010c5116c125a12af119b101f0f1c0d910ab807c304b6018cfe69fb7cf8cef555f325f168ef3beea5eda6ed40ee65eff9f0e4f222f5b3f795fab5fde9000104e7069d091d0c460ef70f3011ff115a121c123011a80fb10d6e0be2080106d7029fff94fcb2f9d3f60ef4baf107f0d0eef9eda6edf9edd0ee07f0baf10ef4d3f6b2f994fc9fffd7020106e2086e0bb10da80f30111c125a12ff113011f70f460e1d0c9d09e7060104e900b5fd95fab3f722f5e4f2f9f065ef40eea6eda5ed3bee68ef25f155f3cef57cf869fb8cfeb601c304b807910a1c0d1f0f9b10af115a126c12c5118010db0ef80cc70a24081905eb01dafee1fbddf8f2f579f392f1fbef92eea6ed90ed3bee46ef90f04df2a4f466f752fa5afd9000d403d8068209f10b330e05102f11c511fb11c511ee10700f850d5c0bf80843063e030500c8fcbdf906f7a4f47df290f011ef3bee06ee3beed1eefbefcef10ff47ef628f92dfc70ffa602ae059a085c0bb30d700fba10c51170125a126e1105106e0e870c0e0a23071f04260115fee7fadcf739f508f325f180ef3bee94eda6ed51ee65efe1f0e4f26ff548f83dfb4afe740197048407320aab0cdb0e9810c5115b125a12c0119b10070f1c0dde0a4d086b054b0217fffffb19f963f6e3f3baf109f0d0ee01eea6ede4edd0ee58f04ff292f41ef7fff929fd61006c034e062d09f20b460ef90f301107125a1207123011f90f460ef20b2d094e066c03610029fdfff91ef792f44ff258f0d0eee4eda6ed01eed0ee09f0baf1e3f363f619f9fffb17ff4b026b054d08de0a1c0d070f9b10c0115a125b12c5119810db0eab0c320a8407970474014afe3dfb48f86ff5e4f2e1f065ef51eea6ed94ed3bee80ef25f108f339f5dcf7e7fa15fe26011f0423070e0a870c6e0e05106e115a127012c511ba10700fb30d5c0b9a08ae05a60270ff2dfc28f97ef60ff4cef1fbefd1ee3bee06ee3bee11ef90f07df2a4f406f7bdf9c8fc05003e034306f8085c0b850d700fee10c511fb11c5112f110510330ef10b8209d806d40390005afd52fa66f7a4f44df290f046ef3bee90eda6ed92eefbef92f179f3f2f5ddf8e1fbdafeeb0119052408c70af80cdb0e8010c5116c125a12af119b101f0f1c0d910ab807c304b6018cfe69fb7cf8cef555f325f168ef3beea5eda6ed40ee65eff9f0e4f222f5b3f795fab5fde9000104e7069d091d0c460ef70f3011ff115a121c123011a80fb10d6e0be2080106d7029fff94fcb2f9d3f60ef4baf107f0d0eef9eda6edf9edd0ee07f0baf10ef4d3f6b2f994fc9fffd7020106e2086e0bb10da80f30111c125a12ff113011f70f460e1d0c9d09e7060104e900b5fd95fab3f722f5e4f2f9f065ef40eea6eda5ed3bee68ef25f155f3cef57cf869fb8cfeb601c304b807910a1c0d1f0f9b10af115a126c12c5118010db0ef80cc70a24081905eb01dafee1fbddf8f2f579f392f1fbef92eea6ed90ed3bee46ef90f04df2a4f466f752fa5afd9000d403d8068209f10b330e05102f11c511fb11c511ee10700f850d5c0bf80843063e030500c8fcbdf906f7a4f47df290f011ef3bee06ee3beed1eefbefcef10ff47ef628f92dfc70ffa602ae059a085c0bb30d700fba10c51170125a126e1105106e0e870c0e0a23071f04260115fee7fadcf739f508f325f180ef3bee94eda6ed51ee65efe1f0e4f26ff548f83dfb4afe740197048407320aab0cdb0e9810c5115b125a12c0119b10070f1c0dde0a4d086b054b0217fffffb19f963f6e3f3baf109f0d0ee01eea6ede4edd0ee58f04ff292f41ef7fff929fd61006c034e062d09f20b460ef90f301107125a1207123011f90f460ef20b2d094e066c03610029fdfff91ef792f44ff258f0d0eee4eda6ed01eed0ee09f0baf1e3f363f619f9fffb17ff4b026b054d08de0a1c0d070f9b10c0115a125b12c5119810db0eab0c320a8407970474014afe3dfb48f86ff5e4f2e1f065ef51eea6ed94ed3bee80ef25f108f339f5dcf7e7fa15fe26011f0423070e0a870c6e0e05106e115a127012c511ba10700fb30d5c0b9a08ae05a60270ff2dfc28f97ef60ff4cef1fbefd1ee3bee06ee3bee11ef90f07df2a4f406f7bdf9c8fc05003e034306f8085c0b850d700fee10c511fb11c5112f110510330ef10b8209d806d40390005afd52fa66f7a4f44df290f046ef3bee90eda6ed92eefbef92f179f3f2f5ddf8e1fbdafeeb0119052408c70af80cdb0e8010c5116c125a12af119b101f0f1c0d910ab807c304b6018cfe69fb7cf8cef555f325f168ef3beea5eda6ed40ee65eff9f0e4f222f5b3f795fab5fde9000104e7069d091d0c460ef70f3011ff115a121c123011a80fb10d6e0be2080106d7029fff94fcb2f9d3f60ef4baf107f0d0eef9eda6edf9edd0ee07f0baf10ef4d3f6b2f994fc9fffd7020106e2086e0bb10da80f30111c125a12ff113011f70f460e1d0c9d09e7060104e900b5fd95fab3f722f5e4f2f9f065ef40eea6eda5ed3bee68ef25f155f3cef57cf869fb8cfeb601c304b807910a1c0d1f0f9b10af115a126c12c5118010db0ef80cc70a24081905eb01dafee1fbddf8f2f579f392f1fbef92eea6ed90ed3bee46ef90f04df2a4f466f752fa5afd9000d403d8068209f10b330e05102f11c511fb11c511ee10700f850d5c0bf80843063e030500c8fcbdf906f7a4f47df290f011ef3bee06ee3beed1eefbefcef10ff47ef628f92dfc70ffa602ae059a085c0bb30d700fba10c51170125a126e1105106e0e870c0e0a23071f04260115fee7fadcf739f508f325f180ef3bee94eda6ed51ee65efe1f0e4f26ff548f83dfb4afe740197048407320aab0cdb0e9810c5115b125a12c0119b10070f1c0dde0a4d086b054b0217fffffb19f963f6e3f3baf109f0d0ee01eea6ede4edd0ee58f04ff292f41ef7fff929fd61006c034e062d09f20b460ef90f301107125a1207123011f90f460ef20b2d094e066c03610029fdfff91ef792f44ff258f0d0eee4eda6ed01eed0ee09f0baf1e3f363f619f9fffb17ff4b026b054d08de0a1c0d070f9b10c0115a125b12c5119810db0eab0c320a8407970474014afe3dfb48f86ff5e4f2e1f065ef51eea6ed94ed3bee80ef25f108f339f5dcf7e7fa15fe26011f0423070e0a870c6e0e05106e115a127012c511ba10700fb30d5c0b9a08ae05a60270ff2dfc28f97ef60ff4cef1fbefd1ee3bee06ee3bee11ef90f07df2a4f406f7bdf9c8fc05003e034306f8085c0b850d700fee10c511fb11c5112f110510330ef10b8209d806d40390005afd52fa66f7a4f44df290f046ef3bee90eda6ed92eefbef92f179f3f2f5ddf8e1fbdafeeb0119052408c70af80cdb0e8010c5116c125a12af119b101f0f1c0d910ab807c304b6018cfe69fb7cf8cef555f325f168ef3beea5eda6ed40ee65eff9f0e4f222f5b3f795fab5fde9000104e7069d091d0c460ef70f3011ff115a121c123011a80fb10d6e0be2080106d7029fff94fcb2f9d3f60ef4baf107f0d0eef9eda6edf9edd0ee07f0baf10ef4d3f6b2f994fc9fffd7020106e2086e0bb10da80f30111c125a12ff113011f70f460e1d0c9d09e7060104e900b5fd95fab3f722f5e4f2f9f065ef40eea6eda5ed3bee68ef25f155f3cef57cf869fb8cfeb601c304b807910a1c0d1f0f9b10af115a126c12c5118010db0ef80cc70a24081905eb01dafee1fbddf8f2f579f392f1fbef92eea6ed90ed3bee46ef90f04df2a4f466f752fa5afd9000d403d8068209f10b330e05102f11c511fb11c511ee10700f850d5c0bf80843063e030500c8fcbdf906f7a4f47df290f011ef3bee06ee3beed1eefbefcef10ff47ef628f92dfc70ffa602ae059a085c0bb30d700fba10c51170125a126e1105106e0e870c0e0a23071f04260115fee7fadcf739f508f325f180ef3bee94eda6ed51ee65efe1f0e4f26ff548f83dfb4afe740197048407320aab0cdb0e9810c5115b125a12c0119b10070f1c0dde0a4d086b054b0217fffffb19f963f6e3f3baf109f0d0ee01eea6ede4edd0ee58f04ff292f41ef7fff929fd61006c034e062d09f20b460ef90f301107125a1207123011f90f460ef20b2d094e066c03610029fdfff91ef792f44ff258f0d0eee4eda6ed01eed0ee09f0baf1e3f363f619f9fffb17ff4b026b054d08de0a1c0d070f9b10c0115a125b12c5119810db0eab0c320a8407970474014afe3dfb48f86ff5e4f2e1f065ef51eea6ed94ed3bee80ef25f108f339f5dcf7e7fa15fe26011f0423070e0a870c6e0e05106e115a127012c511ba10700fb30d5c0b9a08ae05a60270ff2dfc28f97ef60ff4cef1fbefd1ee3bee06ee3bee11ef90f07df2a4f406f7bdf9c8fc05003e034306f8085c0b850d700fee10c511fb11c5112f110510330ef10b8209d806d40390005afd52fa66f7a4f44df290f046ef3bee90eda6ed92eefbef92f179f3f2f5ddf8e1fbdafeeb0119052408c70af80cdb0e8010c5116c125a12af119b101f0f1c0d910ab807c304b6018cfe69fb7cf8cef555f325f168ef3beea5eda6ed40ee65eff9f0e4f222f5b3f795fab5fde9000104e7069d091d0c460ef70f3011ff115a121c123011a80fb10d6e0be2080106d7029fff94fcb2f9d3f60ef4baf107f0d0eef9eda6edf9edd0ee07f0baf10ef4d3f6b2f994fc9fffd7020106e2086e0bb10da80f30111c125a12ff113011f70f460e1d0c9d09e7060104e900b5fd95fab3f722f5e4f2f9f065ef40eea6eda5ed3bee68ef25f155f3cef57cf869fb8cfeb601c304b807910a1c0d1f0f9b10af115a126c12c5118010db0ef80cc70a24081905eb01dafee1fbddf8f2f579f392f1fbef92eea6ed90ed3bee46ef90f04df2a4f466f752fa5afd9000d403d8068209f10b330e05102f11c511fb11c511ee10700f850d5c0bf80843063e030500c8fcbdf906f7a4f47df290f011ef3bee06ee3beed1eefbefcef10ff47ef628f92dfc70ffa602ae059a085c0bb30d700fba10c51170125a126e1105106e0e870c0e0a23071f04260115fee7fadcf739f508f325f180ef3bee94eda6ed51ee65efe1f0e4f26ff548f83dfb4afe740197048407320aab0cdb0e9810c5115b125a12c0119b10070f1c0dde0a4d086b054b0217fffffb19f963f6e3f3baf109f0d0ee01eea6ede4edd0ee58f04ff292f41ef7fff929fd61006c034e062d09f20b460ef90f301107125a1207123011f90f460ef20b2d094e066c03610029fdfff91ef792f44ff258f0d0eee4eda6ed01eed0ee09f0baf1e3f363f619f9fffb17ff4b026b054d08de0a1c0d070f9b10c0115a125b12c5119810db0eab0c320a8407970474014afe3dfb48f86ff5e4f2e1f065ef51eea6ed94ed3bee80ef25f108f339f5dcf7e7fa15fe26011f0423070e0a870c6e0e05106e115a127012c511ba10700fb30d5c0b9a08ae05a60270ff2dfc28f97ef60ff4cef1fbefd1ee3bee06ee3bee11ef90f07df2a4f406f7bdf9c8fc05003e034306f8085c0b850d700fee10c511fb11c5112f110510330ef10b8209d806d40390005afd52fa66f7a4f44df290f046ef3bee90eda6ed92eefbef92f179f3f2f5ddf8e1fbdafeeb0119052408c70af80cdb0e8010c5116c125a12af119b101f0f1c0d910ab807c304b6018cfe69fb7cf8cef555f325f168ef3beea5eda6ed40ee65eff9f0e4f222f5b3f795fab5fde9000104e7069d091d0c460ef70f3011ff115a121c123011a80fb10d6e0be2080106d7029fff94fcb2f9d3f60ef4baf107f0d0eef9eda6edf9edd0ee07f0baf10ef4d3f6b2f994fc9fffd7020106e2086e0bb10da80f30111c125a12ff113011f70f460e1d0c9d09e7060104e900b5fd95fab3f722f5e4f2f9f065ef40eea6eda5ed3bee68ef25f155f3cef57cf869fb8cfeb601c304b807910a1c0d1f0f9b10af115a126c12c5118010db0ef80cc70a24081905eb01dafee1fbddf8f2f579f392f1fbef92eea6ed90ed3bee46ef90f04df2a4f466f752fa5afd9000d403d8068209f10b330e05102f11c511fb11c511ee10700f850d5c0bf80843063e030500c8fcbdf906f7a4f47df290f011ef3bee06ee3beed1eefbefcef10ff47ef628f92dfc70ffa602ae059a085c0bb30d700fba10c51170125a126e1105106e0e870c0e0a23071f04260115fee7fadcf739f508f325f180ef3bee94eda6ed51ee65efe1f0e4f26ff548f83dfb4afe740197048407320aab0cdb0e9810c5115b125a12c0119b10070f1c0dde0a4d086b054b0217fffffb19f963f6e3f3baf109f0d0ee01eea6ede4edd0ee58f04ff292f41ef7fff929fd61006c034e062d09f20b460ef90f301107125a1207123011f90f460ef20b2d094e066c03610029fdfff91ef792f44ff258f0d0eee4eda6ed01eed0ee09f0baf1e3f363f619f9fffb17ff4b026b054d08de0a1c0d070f9b10c0115a125b12c5119810db0eab0c320a8407970474014afe3dfb48f86ff5e4f2e1f065ef51eea6ed94ed3bee80ef25f108f339f5dcf7e7fa15fe26011f0423070e0a870c6e0e05106e115a127012c511ba10700fb30d5c0b9a08ae05a60270ff2dfc28f97ef60ff4cef1fbefd1ee3bee06ee3bee11ef90f07df2a4f406f7bdf9c8fc05003e034306f8085c0b850d700fee10c511fb11c5112f110510330ef10b8209d806d40390005afd52fa66f7a4f44df290f046ef3bee90eda6ed92eefbef92f179f3f2f5ddf8e1fbdafeeb0119052408c70af80cdb0e8010c5116c125a12af119b101f0f1c0d910ab807c304b6018cfe69fb7cf8cef555f325f168ef3beea5eda6ed40ee65eff9f0e4f222f5b3f795fab5fde9000104e7069d091d0c460ef70f3011ff115a121c123011a80fb10d6e0be2080106d7029fff94fcb2f9d3f60ef4baf107f0d0eef9eda6edf9edd0ee07f0baf10ef4d3f6b2f994fc9fffd7020106e2086e0bb10da80f30111c125a12ff113011f70f460e1d0c9d09e7060104e900b5fd95fab3f722f5e4f2f9f065ef40eea6eda5ed3bee68ef25f155f3cef57cf869fb8cfeb601c304b807910a1c0d1f0f9b10af115a126c12c5118010db0ef80cc70a24081905eb01dafee1fbddf8f2f579f392f1fbef92eea6ed90ed3bee46ef90f04df2a4f466f752fa5afd9000d403d8068209f10b330e05102f11c511fb11c511ee10700f850d5c0bf80843063e030500c8fcbdf906f7a4f47df290f011ef3bee06ee3beed1eefbefcef10ff47ef628f92dfc70ffa602ae059a085c0bb30d700fba10c51170125a126e1105106e0e870c0e0a23071f04260115fee7fadcf739f508f325f180ef3bee94eda6ed51ee65efe1f0e4f26ff548f83dfb4afe740197048407320aab0cdb0e9810c5115b125a12c0119b10070f1c0dde0a4d086b054b0217fffffb19f963f6e3f3baf109f0d0ee01eea6ede4edd0ee58f04ff292f41ef7fff929fd61006c034e062d09f20b460ef90f301107125a1207123011f90f460ef20b2d094e066c03610029fdfff91ef792f44ff258f0d0eee4eda6ed01eed0ee09f0baf1e3f363f619f9fffb17ff4b026b054d08de0a1c0d070f9b10c0115a125b12c5119810db0eab0c320a8407970474014afe3dfb48f86ff5e4f2e1f065ef51eea6ed94ed3bee80ef25f108f339f5dcf7e7fa15fe26011f0423070e0a870c6e0e05106e115a127012c511ba10700fb30d5c0b9a08ae05a60270ff2dfc28f97ef60ff4cef1fbefd1ee3bee06ee3bee11ef90f07df2a4f406f7bdf9c8fc05003e034306f8085c0b850d700fee10c511fb11c5112f110510330ef10b8209d806d40390005afd52fa66f7a4f44df290f046ef3bee90eda6ed92eefbef92f179f3f2f5ddf8e1fbdafeeb0119052408c70af80cdb0e8010c5116c125a12af119b101f0f1c0d910ab807c304b6018cfe69fb7cf8cef555f325f168ef3beea5eda6ed40ee65eff9f0e4f222f5b3f795fab5fde9000104e7069d091d0c460ef70f3011ff115a121c123011a80fb10d6e0be2080106d7029fff94fcb2f9d3f60ef4baf107f0d0eef9eda6edf9edd0ee07f0baf10ef4d3f6b2f994fc9fffd7020106e2086e0bb10da80f30111c125a12ff113011f70f460e1d0c9d09e7060104e900b5fd95fab3f722f5e4f2f9f065ef40eea6eda5ed3bee68ef25f155f3cef57cf869fb8cfeb601c304b807910a1c0d1f0f9b10af115a126c12c5118010db0ef80cc70a24081905eb01dafee1fbddf8f2f579f392f1fbef92eea6ed90ed3bee46ef90f04df2a4f466f752fa5afd9000d403d8068209f10b330e05102f11c511fb11c511ee10700f850d5c0bf80843063e030500c8fcbdf906f7a4f47df290f011ef3bee06ee3beed1eefbefcef10ff47ef628f92dfc70ffa602ae059a085c0bb30d700fba10c51170125a126e1105106e0e870c0e0a23071f04260115fee7fadcf739f508f325f180ef3bee94eda6ed51ee65efe1f0e4f26ff548f83dfb4afe740197048407320aab0cdb0e9810c5115b125a12c0119b10070f1c0dde0a4d086b054b0217fffffb19f963f6e3f3baf109f0d0ee01eea6ede4edd0ee58f04ff292f41ef7fff929fd61006c034e062d09f20b460ef90f301107125a1207123011f90f460ef20b2d094e066c03610029fdfff91ef792f44ff258f0d0eee4eda6ed01eed0ee09f0baf1e3f363f619f9fffb17ff4b026b054d08de0a1c0d070f9b10c0115a125b12c5119810db0eab0c320a8407970474014afe3dfb48f86ff5e4f2e1f065ef51eea6ed94ed3bee80ef25f108f339f5dcf7e7fa15fe26011f0423070e0a870c6f0e05106e115a127012c511b810700fb50d5c0b9708ae05aa0270ff27fc28f987f60ff4c1f1fbefe3ee3beeeaed3bee41ef90f000f20ff406f752fa45fd05000e03430615095c0b720d700ffb10c511f211c511341105102f0ef10b8409d806d20390005bfd52fa66f7a4f44df290f046ef3bee90eda6ed92eefbef92f179f3f2f5ddf8e1fbdafeeb0119052408c70af80cdb0e8010c5116c125a12af119b101f0f1c0d910ab807c304b6018cfe69fb7cf8cef555f325f168ef3beea5eda6ed40ee65eff9f0e4f222f5b3f795fab5fde9000104e7069d091d0c460ef70f3011ff115a121c123011a80fb10d6e0be2080106d7029fff94fcb2f9d3f60ef4baf107f0d0eef9eda6edf9edd0ee07f0baf10ef4d3f6b2f994fc9fffd7020106e2086e0bb10da80f30111c125a12ff113011f70f460e1d0c9d09e7060104e900b5fd95fab3f722f5e4f2f9f065ef40eea6eda5ed3bee68ef25f155f3cef57cf869fb8cfeb601c304b807910a1c0d1f0f9b10af115a126c12c5118010db0ef80cc70a24081905eb01dafee1fbddf8f2f579f392f1fbef92eea6ed90ed3bee46ef90f04df2a4f466f752fa5afd9000d403d8068209f10b330e05102f11c511fb11c511ee10700f850d5c0bf80843063e030500c8fcbdf906f7a4f47df290f011ef3bee06ee3beed1eefbefcef10ff47ef628f92dfc70ffa602ae059a085c0bb30d700fba10c51170125a126e1105106e0e870c0e0a23071f04260115fee7fadcf739f508f325f180ef3bee94eda6ed51ee65efe1f0e4f26ff548f83dfb4afe740197048407320aab0cdb0e9810c5115b125a12c0119b10070f1c0dde0a4d086b054b0217fffffb19f963f6e3f3baf109f0d0ee01eea6ede4edd0ee58f04ff292f41ef7fff929fd61006c034e062d09f20b460ef90f301107125a1207123011f90f460ef20b2d094e066c03610029fdfff91ef792f44ff258f0d0eee4eda6ed01eed0ee09f0baf1e3f363f619f9fffb17ff4b026b054d08de0a1c0d070f9b10c0115a125b12c5119810db0eab0c320a8407970474014afe3dfb48f86ff5e4f2e1f065ef51eea6ed94ed3bee80ef25f108f339f5dcf7e7fa15fe26011f0423070e0a870c6e0e05106e115a127012c511ba10700fb30d5c0b9a08ae05a60270ff2dfc28f97ef60ff4cef1fbefd1ee3bee06ee3bee11ef90f07df2a4f406f7bdf9c8fc05003e034306f8085c0b850d700fee10c511fb11c5112f110510330ef10b8209d806d40390005afd52fa66f7a4f44df290f046ef3bee90eda6ed92eefbef92f179f3f2f5ddf8e1fbdafeeb0119052408c70af80cdb0e8010c5116c125a12af119b101f0f1c0d910ab807c304b6018cfe69fb7cf8cef555f325f168ef3beea5eda6ed40ee65eff9f0e4f222f5b3f795fab5fde9000104e7069d091d0c460ef70f3011ff115a121c123011a80fb10d6e0be2080106d7029fff94fcb2f9d3f60ef4baf107f0d0eef9eda6edf9edd0ee07f0baf10ef4d3f6b2f994fc9fffd7020106e2086e0bb10da80f30111c125a12ff113011f70f460e1d0c9d09e7060104e900b5fd95fab3f722f5e4f2f9f065ef40eea6eda5ed3bee68ef25f155f3cef57cf869fb8cfeb601c304b807910a1c0d1f0f9b10af115a126c12c5118010db0ef80cc70a24081905eb01dafee1fbddf8f2f579f392f1fbef92eea6ed90ed3bee46ef90f04df2a4f466f752fa5afd9000d403d8068209f10b330e05102f11c511fb11c511ee10700f850d5c0bf80843063e030500c8fcbdf906f7a4f47df290f011ef3bee06ee3beed1eefbefcef10ff47ef628f92dfc70ffa602ae059a085c0bb30d700fba10c51170125a126e1105106e0e870c0e0a23071f04260115fee7fadcf739f508f325f180ef3bee94eda6ed51ee65efe1f0e4f26ff548f83dfb4afe740197048407320aab0cdb0e9810c5115b125a12c0119b10070f1c0dde0a4d086b054b0217fffffb19f963f6e3f3baf109f0d0ee01eea6ede4edd0ee58f04ff292f41ef7fff929fd61006c034e062d09f20b460ef90f301107125a1207123011f90f460ef20b2d094e066c03610029fdfff91ef792f44ff258f0d0eee4eda6ed01eed0ee09f0baf1e3f363f619f9fffb17ff4b026b054d08de0a1c0d070f9b10c0115a125b12c5119810db0eab0c320a8407970474014afe3dfb48f86ff5e4f2e1f065ef51eea6ed94ed3bee80ef25f108f339f5dcf7e7fa15fe26011f0423070e0a870c6e0e05106e115a127012c511ba10700fb30d5c0b9a08ae05a60270ff2dfc28f97ef60ff4cef1fbefd1ee3bee06ee3bee11ef90f07df2a4f406f7bdf9c8fc05003e034306f8085c0b850d700fee10c511fb11c5112f110510330ef10b8209d806d40390005afd52fa66f7a4f44df290f046ef3bee90eda6ed92eefbef92f179f3f2f5ddf8e1fbdafeeb0119052408c70af80cdb0e8010c5116c125a12af119b101f0f1c0d910ab807c304b6018cfe69fb7cf8cef555f325f168ef3beea5eda6ed40ee65eff9f0e4f222f5b3f795fab5fde9000104e7069d091d0c460ef70f3011ff115a121c123011a80fb10d6e0be2080106d7029fff94fcb2f9d3f60ef4baf107f0d0eef9eda6edf9edd0ee07f0baf10ef4d3f6b2f994fc9fffd7020106e2086e0bb10da80f30111c125a12ff113011f70f460e1d0c9d09e7060104e900b5fd95fab3f722f5e4f2f9f065ef40eea6eda5ed3bee68ef25f155f3cef57cf869fb8cfeb601c304b807910a1c0d1f0f9b10af115a126c12c5118010db0ef80cc70a24081905eb01dafee1fbddf8f2f579f392f1fbef92eea6ed90ed3bee46ef90f04df2a4f466f752fa5afd9000d403d8068209f10b330e05102f11c511fb11c511ee10700f850d5c0bf80843063e030500c8fcbdf906f7a4f47df290f011ef3bee06ee3beed1eefbefcef10ff47ef628f92dfc70ffa602ae059a085c0bb30d700fba10c51170125a126e1105106e0e870c0e0a23071f04260115fee7fadcf739f508f325f180ef3bee94eda6ed51ee65efe1f0e4f26ff548f83dfb4afe740197048407320aab0cdb0e9810c5115b125a12c0119b10070f1c0dde0a4d086b054b0217fffffb19f963f6e3f3baf109f0d0ee01eea6ede4edd0ee58f04ff292f41ef7fff929fd61006c034e062d09f20b460ef90f301107125a1207123011f90f460ef20b2d094e066c03610029fdfff91ef792f44ff258f0d0eee4eda6ed01eed0ee09f0baf1e3f363f619f9fffb17ff4b026b054d08de0a1c0d070f9b10c0115a125b12c5119810db0eab0c320a8407970474014afe3dfb48f86ff5e4f2e1f065ef51eea6ed94ed3bee80ef25f108f339f5dcf7e7fa15fe26011f0423070e0a870c6e0e05106e115a127012c511ba10700fb30d5c0b9a08ae05a60270ff2dfc28f97ef60ff4cef1fbefd1ee3bee06ee3bee11ef90f07df2a4f406f7bdf9c8fc05003e034306f8085c0b850d700fee10c511fb11c5112f110510330ef10b8209d806d40390005afd52fa66f7a4f44df290f046ef3bee90eda6ed92eefbef92f179f3f2f5ddf8e1fbdafeeb0119052408c70af80cdb0e8010c5116c125a12af119b101f0f1c0d910ab807c304b6018cfe69fb7cf8cef555f325f168ef3beea5eda6ed40ee65eff9f0e4f222f5b3f795fab5fde9000104e7069d091d0c460ef70f3011ff115a121c123011a80fb10d6e0be2080106d7029fff94fcb2f9d3f60ef4baf107f0d0eef9eda6edf9edd0ee07f0baf10ef4d3f6b2f994fc9fffd7020106e2086e0bb10da80f30111c125a12ff113011f70f460e1d0c9d09e7060104e900b5fd95fab3f722f5e4f2f9f065ef40eea6eda5ed3bee68ef25f155f3cef57cf869fb8cfeb601c304b807910a1c0d1f0f9b10af115a126c12c5118010db0ef80cc70a24081905eb01dafee1fbddf8f2f579f392f1fbef92eea6ed90ed3bee46ef90f04df2a4f466f752fa5afd9000d403d8068209f10b330e05102f11c511fb11c511ee10700f850d5c0bf80843063e030500c8fcbdf906f7a4f47df290f011ef3bee06ee3beed1eefbefcef10ff47ef628f92dfc70ffa602ae059a085c0bb30d700fba10c51170125a126e1105106e0e870c0e0a23071f04260115fee7fadcf739f508f325f180ef3bee94eda6ed51ee65efe1f0e4f26ff548f83dfb4afe740197048407320aab0cdb0e9810c5115b125a12c0119b10070f1c0dde0a4d086b054b0217fffffb19f963f6e3f3baf109f0d0ee01eea6ede4edd0ee58f04ff292f41ef7fff929fd61006c034e062d09f20b460ef90f301107125a1207123011f90f460ef20b2d094e066c03610029fdfff91ef792f44ff258f0d0eee4eda6ed01eed0ee09f0baf1e3f363f619f9fffb17ff4b026b054d08de0a1c0d070f9b10c0115a125b12c5119810db0eab0c320a8407970474014afe3dfb48f86ff5e4f2e1f065ef51eea6ed94ed3bee80ef25f108f339f5dcf7e7fa15fe26011f0423070e0a870c6e0e05106e115a127012c511ba10700fb30d5c0b9a08ae05a60270ff2dfc28f97ef60ff4cef1fbefd1ee3bee06ee3bee11ef90f07df2a4f406f7bdf9c8fc05003e034306f8085c0b850d700fee10c511fb11c5112f110510330ef10b8209d806d40390005afd52fa66f7a4f44df290f046ef3bee90eda6ed92eefbef92f179f3f2f5ddf8e1fbdafeeb0119052408c70af80cdb0e8010c5116c125a12af119b101f0f1c0d910ab807c304b6018cfe69fb7cf8cef555f325f168ef3beea5eda6ed40ee65eff9f0e4f222f5b3f795fab5fde9000104e7069d091d0c460ef70f3011ff115a121c123011a80fb10d6e0be2080106d7029fff94fcb2f9d3f60ef4baf107f0d0eef9eda6edf9edd0ee07f0baf10ef4d3f6b2f994fc9fffd7020106e2086e0bb10da80f30111c125a12ff113011f70f460e1d0c9d09e7060104e900b5fd95fab3f722f5e4f2f9f065ef40eea6eda5ed3bee68ef25f155f3cef57cf869fb8cfeb601c304b807910a1c0d1f0f9b10af115a126c12c5118010db0ef80cc70a24081905eb01dafee1fbddf8f2f579f392f1fbef92eea6ed90ed3bee46ef90f04df2a4f466f752fa5afd9000d403d8068209f10b330e05102f11c511fb11c511ee10700f850d5c0bf80843063e030500c8fcbdf906f7a4f47df290f011ef3bee06ee3beed1eefbefcef10ff47ef628f92dfc70ffa602ae059a085c0bb30d700fba10c51170125a126e1105106e0e870c0e0a23071f04260115fee7fadcf739f508f325f180ef3bee94eda6ed51ee65efe1f0e4f26ff548f83dfb4afe740197048407320aab0cdb0e9810c5115b125a12c0119b10070f1c0dde0a4d086b054b0217fffffb19f963f6e3f3baf109f0d0ee01eea6ede4edd0ee58f04ff292f41ef7fff929fd61006c034e062d09f20b460ef90f301107125a1207123011f90f460ef20b2d094e066c03610029fdfff91ef792f44ff258f0d0eee4eda6ed01eed0ee09f0baf1e3f363f619f9fffb17ff4b026b054d08de0a1c0d070f9b10c0115a125b12c5119810db0eab0c320a8407970474014afe3dfb48f86ff5e4f2e1f065ef51eea6ed94ed3bee80ef25f108f339f5dcf7e7fa15fe26011f0423070e0a870c6e0e05106e115a127012c511ba10700fb30d5c0b9a08ae05a60270ff2dfc28f97ef60ff4cef1fbefd1ee3bee06ee3bee11ef90f07df2a4f406f7bdf9c8fc05003e034306f8085c0b850d700fee10c511fb11c5112f110510330ef10b8209d806d40390005afd52fa66f7a4f44df290f046ef3bee90eda6ed92eefbef92f179f3f2f5ddf8e1fbdafeeb0119052408c70af80cdb0e8010c5116c125a12af119b101f0f1c0d910ab807c304b6018cfe69fb7cf8cef555f325f168ef3beea5eda6ed40ee65eff9f0e4f222f5b3f795fab5fde9000104e7069d091d0c460ef70f3011ff115a121c123011a80fb10d6e0be2080106d7029fff94fcb2f9d3f60ef4baf107f0d0eef9eda6edf9edd0ee07f0baf10ef4d3f6b2f994fc9fffd7020106e2086e0bb10da80f30111c125a12ff113011f70f460e1d0c9d09e7060104e900b5fd95fab3f722f5e4f2f9f065ef40eea6eda5ed3bee68ef25f155f3cef57cf869fb8cfeb601c304b807910a1c0d1f0f9b10af115a126c12c5118010db0ef80cc70a24081905eb01dafee1fbddf8f2f579f392f1fbef92eea6ed90ed3bee46ef90f04df2a4f466f752fa5afd9000d403d8068209f10b330e05102f11c511fb11c511ee10700f850d5c0bf80843063e030500c8fcbdf906f7a4f47df290f011ef3bee06ee3beed1eefbefcef10ff47ef628f92dfc70ffa602ae059a085c0bb30d700fba10c51170125a126e1105106e0e870c0e0a23071f04260115fee7fadcf739f508f325f180ef3bee94eda6ed51ee65efe1f0e4f26ff548f83dfb4afe740197048407320aab0cdb0e9810c5115b125a12c0119b10070f1c0dde0a4d086b054b0217fffffb19f963f6e3f3baf109f0d0ee01eea6ede4edd0ee58f04ff292f41ef7fff929fd61006c034e062d09f20b460ef90f301107125a1207123011f90f460ef20b2d094e066c03610029fdfff91ef792f44ff258f0d0eee4eda6ed01eed0ee09f0baf1e3f363f619f9fffb17ff4b026b054d08de0a1c0d070f9b10c0115a125b12c5119810db0eab0c320a8407970474014afe3dfb48f86ff5e4f2e1f065ef51eea6ed94ed3bee80ef25f108f339f5dcf7e7fa15fe26011f0423070e0a870c6e0e05106e115a127012c511ba10700fb30d5c0b9a08ae05a60270ff2dfc28f97ef60ff4cef1fbefd1ee3bee06ee3bee11ef90f07df2a4f406f7bdf9c8fc05003e034306f8085c0b850d700fee10c511fb11c5112f110510330ef10b8209d806d40390005afd52fa66f7a4f44df290f046ef3bee90eda6ed92eefbef92f179f3f2f5ddf8e1fbdafeeb0119052408c70af80cdb0e8010c5116c125a12af119b101f0f1c0d910ab807c304b6018cfe69fb7cf8cef555f325f168ef3beea5eda6ed40ee65eff9f0e4f222f5b3f795fab5fde9000104e7069d091d0c460ef70f3011ff115a121c123011a80fb10d6e0be2080106d7029fff94fcb2f9d3f60ef4baf107f0d0eef9eda6edf9edd0ee07f0baf10ef4d3f6b2f994fc9fffd7020106e2086e0bb10da80f30111c125a12ff113011f70f460e1d0c9d09e7060104e900b5fd95fab3f722f5e4f2f9f065ef40eea6eda5ed3bee68ef25f155f3cef57cf869fb8cfeb601c304b807910a1c0d1f0f9b10af115a126c12c5118010db0ef80cc70a24081905eb01dafee1fbddf8f2f579f392f1fbef92eea6ed90ed3bee46ef90f04df2a4f466f752fa5afd9000d403d8068209f10b330e05102f11c511fb11c511ee10700f850d5c0bf80843063e030500c8fcbdf906f7a4f47df290f011ef3bee06ee3beed1eefbefcef10ff47ef628f92dfc70ffa602ae059a085c0bb30d700fba10c51170125a126e1105106e0e870c0e0a23071f04260115fee7fadcf739f508f325f180ef3bee94eda6ed51ee65efe1f0e4f26ff548f83dfb4afe740197048407320aab0cdb0e9810c5115b125a12c0119b10070f1c0dde0a4d086b054b0217fffffb19f963f6e3f3baf109f0d0ee01eea6ede4edd0ee58f04ff292f41ef7fff929fd61006c034e062d09f20b460ef90f301107125a1207123011f90f460ef20b2d094e066c03610029fdfff91ef792f44ff258f0d0eee4eda6ed01eed0ee09f0baf1e3f363f619f9fffb17ff4b026b054d08de0a1c0d070f9b10c0115a125b12c5119810db0eab0c320a8407970474014afe3dfb48f86ff5e4f2e1f065ef51eea6ed94ed3bee80ef25f108f339f5dcf7e7fa15fe26011f0423070e0a870c6e0e05106e115a127012c511ba10700fb30d5c0b9a08ae05a60270ff2dfc28f97ef60ff4cef1fbefd1ee3bee06ee3bee11ef90f07df2a4f406f7bdf9c8fc05003e034306f8085c0b850d700fee10c511fb11c5112f110510330ef10b8209d806d40390005afd52fa66f7a4f44df290f046ef3bee90eda6ed92eefbef92f179f3f2f5ddf8e1fbdafeeb0119052408c70af80cdb0e8010c5116c125a12af119b101f0f1c0d910ab807c304b6018cfe69fb7cf8cef555f325f168ef3beea5eda6ed40ee65eff9f0e4f222f5b3f795fab5fde9000104e7069d091d0c460ef70f3011ff115a121c123011a80fb10d6e0be2080106d7029fff94fcb2f9d3f60ef4baf107f0d0eef9eda6edf9edd0ee07f0baf10ef4d3f6b2f994fc9fffd7020106e2086e0bb10da80f30111c125a12ff113011f70f460e1d0c9d09e7060104e900b5fd95fab3f722f5e4f2f9f065ef40eea6eda5ed3bee68ef25f155f3cef57cf869fb8cfeb601c304b807910a1c0d1f0f9b10af115a126c12c5118010db0ef80cc70a24081905eb01dafee1fbddf8f2f579f392f1fbef92eea6ed90ed3bee46ef90f04df2a4f466f752fa5afd9000d403d8068209f10b330e05102f11c511fb11c511ee10700f850d5c0bf80843063e030500c8fcbdf906f7a4f47df290f011ef3bee06ee3beed1eefbefcef10ff47ef628f92dfc70ffa602ae059a085c0bb30d700fba10c51170125a126e1105106e0e870c0e0a23071f04260115fee7fadcf739f508f325f180ef3bee94eda6ed51ee65efe1f0e4f26ff548f83dfb4afe740197048407320aab0cdb0e9810c5115b125a12c0119b10070f1c0dde0a4d086b054b0217fffffb19f963f6e3f3baf109f0d0ee01eea6ede4edd0ee58f04ff292f41ef7fff929fd61006c034e062d09f20b460ef90f301107125a1207123011f90f460ef20b2d094e066c03610029fdfff91ef792f44ff258f0d0eee4eda6ed01eed0ee09f0baf1e3f363f619f9fffb17ff4b026b054d08de0a1c0d070f9b10c0115a125b12c5119810db0eab0c320a8407970474014afe3dfb48f86ff5e4f2e1f065ef51eea6ed94ed3bee80ef25f108f339f5dcf7e7fa15fe26011f0423070e0a870c6e0e05106e115a127012c511ba10700fb30d5c0b9a08ae05a60270ff2dfc28f97ef60ff4cef1fbefd1ee3bee06ee3bee11ef90f07df2a4f406f7bdf9c8fc05003e034306f8085c0b850d700fee10c511fb11c5112f110510330ef10b8209d806d40390005afd52fa66f7a4f44df290f046ef3bee90eda6ed92eefbef92f179f3f2f5ddf8e1fbdafeeb0119052408c70af80cdb0e8010c5116c125a12af119b101f0f1c0d910ab807c304b6018cfe69fb7cf8cef555f325f168ef3beea5eda6ed40ee65eff9f0e4f222f5b3f795fab5fde9000104e7069d091d0c460ef70f3011ff115a121c123011a80fb10d6e0be2080106d7029fff94fcb2f9d3f60ef4baf107f0d0eef9eda6edf9edd0ee07f0baf10ef4d3f6b2f994fc9fffd7020106e2086e0bb10da80f30111c125a12ff113011f70f460e1d0c9d09e7060104e900b5fd95fab3f722f5e4f2f9f065ef40eea6eda5ed3bee68ef25f155f3cef57cf869fb8cfeb601c304b807910a1c0d1f0f9b10af115a126c12c5118010db0ef80cc70a24081905eb01dafee1fbddf8f2f579f392f1fbef92eea6ed90ed3bee46ef90f04df2a4f466f752fa5afd9000d403d8068209f10b330e05102f11c511fb11c511ee10700f850d5c0bf80843063e030500c8fcbdf906f7a4f47df290f011ef3bee06ee3beed1eefbefcef10ff47ef628f92dfc70ffa602ae059a085c0bb30d700fba10c51170125a126e1105106e0e870c0e0a23071f04260115fee7fadcf739f508f325f180ef3bee94eda6ed51ee65efe1f0e4f26ff548f83dfb4afe740197048407320aab0cdb0e9810c5115b125a12c0119b10070f1c0dde0a4d086b054b0217fffffb19f963f6e3f3baf109f0d0ee01eea6ede4edd0ee58f04ff292f41ef7fff929fd61006c034e062d09f20b460ef90f301107125a1207123011f90f460ef20b2d094e066c03610029fdfff91ef792f44ff258f0d0eee4eda6ed01eed0ee09f0baf1e3f363f619f9fffb17ff4b026b054d08de0a1c0d070f9b10c0115a125b12c5119810db0eab0c320a8407970474014afe3dfb48f86ff5e4f2e1f065ef51eea6ed94ed3bee80ef25f108f339f5dcf7e7fa15fe26011f0423070e0a870c6e0e05106e115a127012c511ba10700fb30d5c0b9a08ae05a60270ff2dfc28f97ef60ff4cef1fbefd1ee3bee06ee3bee11ef90f07df2a4f406f7bdf9c8fc05003e034306f8085c0b850d700fee10c511fb11c5112f110510330ef10b8209d806d40390005afd52fa66f7a4f44df290f046ef3bee90eda6ed92eefbef92f179f3f2f5ddf8e1fbdafeeb0119052408c70af80cdb0e8010c5116c125a12af119b101f0f1c0d910ab807c304b6018cfe69fb7cf8cef555f325f168ef3beea5eda6ed40ee65eff9f0e4f222f5b3f795fab5fde9000104e7069d091d0c460ef70f3011ff115a121c123011a80fb10d6e0be2080106d7029fff94fcb2f9d3f60ef4baf107f0d0eef9eda6edf9edd0ee07f0baf10ef4d3f6b2f994fc9fffd7020106e2086e0bb10da80f30111c125a12ff113011f70f460e1d0c9d09e7060104e900b5fd95fab3f722f5e4f2f9f065ef40eea6eda5ed3bee68ef25f155f3cef57cf869fb8cfeb601c304b807910a1c0d1f0f9b10af115a126c12c5118010db0ef80cc70a24081905eb01dafee1fbddf8f2f579f392f1fbef92eea6ed90ed3bee46ef90f04df2a4f466f752fa5afd9000d403d8068209f10b330e05102f11c511fb11c511ee10700f850d5c0bf80843063e030500c8fcbdf906f7a4f47df290f011ef3bee06ee3beed1eefbefcef10ff47ef628f92dfc70ffa602ae059a085c0bb30d700fba10c51170125a126e1105106e0e870c0e0a23071f04260115fee7fadcf739f508f325f180ef3bee94eda6ed51ee65efe1f0e4f26ff548f83dfb4afe740197048407320aab0cdb0e9810c5115b125a12c0119b10070f1c0dde0a4d086b054b0217fffffb19f963f6e3f3baf109f0d0ee01eea6ede4edd0ee58f04ff292f41ef7fff929fd61006c034e062d09f20b460ef90f301107125a1207123011f90f460ef20b2d094e066c03610029fdfff91ef792f44ff258f0d0eee4eda6ed01eed0ee09f0baf1e3f363f619f9fffb17ff4b026b054d08de0a1c0d070f9b10c0115a125b12c5119810db0eab0c320a8407970474014afe3dfb48f86ff5e4f2e1f065ef51eea6ed94ed3bee80ef25f108f339f5dcf7e7fa15fe26011f0423070e0a870c6e0e05106e115a127012c511ba10700fb30d5c0b9a08ae05a60270ff2dfc28f97ef60ff4cef1fbefd1ee3bee06ee3bee11ef90f07df2a4f406f7bdf9c8fc05003e034306f8085c0b850d700fee10c511fb11c5112f110510330ef10b8209d806d40390005afd52fa66f7a4f44df290f046ef3bee90eda6ed92eefbef92f179f3f2f5ddf8e1fbdafeeb0119052408c70af80cdb0e8010c5116c125a12af119b101f0f1c0d910ab807c304b6018cfe69fb7cf8cef555f325f168ef3beea5eda6ed40ee65eff9f0e4f222f5b3f795fab5fde9000104e7069d091d0c460ef70f3011ff115a121c123011a80fb10d6e0be2080106d7029fff94fcb2f9d3f60ef4baf107f0d0eef9eda6edf9edd0ee07f0baf10ef4d3f6b2f994fc9fffd7020106e2086e0bb10da80f30111c125a12ff113011f70f460e1d0c9d09e7060104e900b5fd95fab3f722f5e4f2f9f065ef40eea6eda5ed3bee68ef25f155f3cef57cf869fb8cfeb601c304b807910a1c0d1f0f9b10af115a126c12c5118010db0ef80cc70a24081905eb01dafee1fbddf8f2f579f392f1fbef92eea6ed90ed3bee46ef90f04df2a4f466f752fa5afd9000d403d8068209f10b330e05102f11c511fb11c511ee10700f850d5c0bf80843063e030500c8fcbdf906f7a4f47df290f011ef3bee06ee3beed1eefbefcef10ff47ef628f92dfc70ffa602ae059a085c0bb30d700fba10c51170125a126e1105106e0e870c0e0a23071f04260115fee7fadcf739f508f325f180ef3bee94eda6ed51ee65efe1f0e4f26ff548f83dfb4afe740197048407320aab0cdb0e9810c5115b125a12c0119b10070f1c0dde0a4d086b054b0217fffffb19f963f6e3f3baf109f0d0ee01eea6ede4edd0ee58f04ff292f41ef7fff929fd61006c034e062d09f20b460ef90f301107125a1207123011f90f460ef20b2d094e066c03610029fdfff91ef792f44ff258f0d0eee4eda6ed01eed0ee09f0baf1e3f363f619f9fffb17ff4b026b054d08de0a1c0d070f9b10c0115a125b12c5119810db0eab0c320a8407970474014afe3dfb48f86ff5e4f2e1f065ef51eea6ed94ed3bee80ef25f108f339f5dcf7e7fa15fe26011f0423070e0a870c6e0e05106e115a127012c511ba10700fb30d5c0b9a08ae05a60270ff2dfc28f97ef60ff4cef1fbefd1ee3bee06ee3bee11ef90f07df2a4f406f7bdf9c8fc05003e034306f8085c0b850d700fee10c511fb11c5112f110510330ef10b8209d806d40390005afd52fa66f7a4f44df290f046ef3bee90eda6ed92eefbef92f179f3f2f5ddf8e1fbdafeeb0119052408c70af80cdb0e8010c5116c125a12af119b101f0f1c0d910ab807c304b6018cfe69fb7cf8cef555f325f168ef3beea5eda6ed40ee65eff9f0e4f222f5b3f795fab5fde9000104e7069d091d0c460ef70f3011ff115a121c123011a80fb10d6e0be2080106d7029fff94fcb2f9d3f60ef4baf107f0d0eef9eda6edf9edd0ee07f0baf10ef4d3f6b2f994fc9fffd7020106e2086e0bb10da80f30111c125a12ff113011f70f460e1d0c9d09e7060104e900b5fd95fab3f722f5e4f2f9f065ef40eea6eda5ed3bee68ef25f155f3cef57cf869fb8cfeb601c304b807910a1c0d1f0f9b10af115a126c12c5118010db0ef80cc70a24081905eb01dafee1fbddf8f2f579f392f1fbef92eea6ed90ed3bee46ef90f04df2a4f466f752fa5afd9000d403d8068209f10b330e05102f11c511fb11c511ee10700f850d5c0bf80843063e030500c8fcbdf906f7a4f47df290f011ef3bee06ee3beed1eefbefcef10ff47ef628f92dfc70ffa602ae059a085c0bb30d700fba10c51170125a126e1105106e0e870c0e0a23071f04260115fee7fadcf739f508f325f180ef3bee94eda6ed51ee65efe1f0e4f26ff548f83dfb4afe740197048407320aab0cdb0e9810c5115b125a12c0119b10070f1c0dde0a4d086b054b0217fffffb19f963f6e3f3baf109f0d0ee01eea6ede4edd0ee58f04ff292f41ef7fff929fd61006c034e062d09f20b460ef90f301107125a1207123011f90f460ef20b2d094e066c03610029fdfff91ef792f44ff258f0d0eee4eda6ed01eed0ee09f0baf1e3f363f619f9fffb17ff4b026b054d08de0a1c0d070f9b10c0115a125b12c5119810db0eab0c320a8407970474014afe3dfb48f86ff5e4f2e1f065ef51eea6ed94ed3bee80ef25f108f339f5dcf7e7fa15fe26011f0423070e0a870c6e0e05106e115a127012c511ba10700fb30d5c0b9a08ae05a60270ff2dfc28f97ef60ff4cef1fbefd1ee3bee06ee3bee11ef90f07df2a4f406f7bdf9c8fc05003e034306f8085c0b850d700fee10c511fb11c5112f110510330ef10b8209d806d40390005afd52fa66f7a4f44df290f046ef3bee90eda6ed92eefbef92f179f3f2f5ddf8e1fbdafeeb0119052408c70af80cdb0e8010c5116c125a12af119b101f0f1c0d910ab807c304b6018cfe69fb7cf8cef555f325f168ef3beea5eda6ed40ee65eff9f0e4f222f5b3f795fab5fde9000104e7069d091d0c460ef70f3011ff115a121c123011a80fb10d6e0be2080106d7029fff94fcb2f9d3f60ef4baf107f0d0eef9eda6edf9edd0ee07f0baf10ef4d3f6b2f994fc9fffd7020106e2086e0bb10da80f30111c125a12ff113011f70f460e1d0c9d09e7060104e900b5fd95fab3f722f5e4f2f9f065ef40eea6eda5ed3bee68ef25f155f3cef57cf869fb8cfeb601c304b807910a1c0d1f0f9b10af115a126c12c5118010db0ef80cc70a24081905eb01dafee1fbddf8f2f579f392f1fbef92eea6ed90ed3bee46ef90f04df2a4f466f752fa5afd9000d403d8068209f10b330e05102f11c511fb11c511ee10700f850d5c0bf80843063e030500c8fcbdf906f7a4f47df290f011ef3bee06ee3beed1eefbefcef10ff47ef628f92dfc70ffa602ae059a085c0bb30d700fba10c51170125a126e1105106e0e870c0e0a23071f04260115fee7fadcf739f508f325f180ef3bee94eda6ed51ee65efe1f0e4f26ff548f83dfb4afe740197048407320aab0cdb0e9810c5115b125a12c0119b10070f1c0dde0a4d086b054b0217fffffb19f963f6e3f3baf109f0d0ee01eea6ede4edd0ee58f04ff292f41ef7fff929fd61006c034e062d09f20b460ef90f301107125a1207123011f90f460ef20b2d094e066c03610029fdfff91ef792f44ff258f0d0eee4eda6ed01eed0ee09f0baf1e3f363f619f9fffb17ff4b026b054d08de0a1c0d070f9b10c0115a125b12c5119810db0eab0c320a8407970474014afe3dfb48f86ff5e4f2e1f065ef51eea6ed94ed3bee80ef25f108f339f5dcf7e7fa15fe26011f0423070e0a870c6e0e05106e115a127012c511ba10700fb30d5c0b9a08ae05a60270ff2dfc28f97ef60ff4cef1fbefd1ee3bee06ee3bee11ef90f07df2a4f406f7bdf9c8fc05003e034306f8085c0b850d700fee10c511fb11c5112f110510330ef10b8209d806d40390005afd52fa66f7a4f44df290f046ef3bee90eda6ed92eefbef92f179f3f2f5ddf8e1fbdafeeb0119052408c70af80cdb0e8010c5116c125a12af119b101f0f1c0d910ab807c304b6018cfe69fb7cf8cef555f325f168ef3beea5eda6ed40ee65eff9f0e4f222f5b3f795fab5fde9000104e7069d091d0c460ef70f3011ff115a121c123011a80fb10d6e0be2080106d7029fff94fcb2f9d3f60ef4baf107f0d0eef9eda6edf9edd0ee07f0baf10ef4d3f6b2f994fc9fffd7020106e2086e0bb10da80f30111c125a12ff113011f70f460e1d0c9d09e7060104e900b5fd95fab3f722f5e4f2f9f065ef40eea6eda5ed3bee68ef25f155f3cef57cf869fb8cfeb601c304b807910a1c0d1f0f9b10af115a126c12c5118010db0ef80cc70a24081905eb01dafee1fbddf8f2f579f392f1fbef92eea6ed90ed3bee46ef90f04df2a4f466f752fa5afd9000d403d8068209f10b330e05102f11c511fb11c511ee10700f850d5c0bf80843063e030500c8fcbdf906f7a4f47df290f011ef3bee06ee3beed1eefbefcef10ff47ef628f92dfc70ffa602ae059a085c0bb30d700fba10c51170125a126e1105106e0e870c0e0a23071f04260115fee7fadcf739f508f325f180ef3bee94eda6ed51ee65efe1f0e4f26ff548f83dfb4afe740197048407320aab0cdb0e9810c5115b125a12c0119b10070f1c0dde0a4d086b054b0217fffffb19f963f6e3f3baf109f0d0ee01eea6ede4edd0ee58f04ff292f41ef7fff929fd61006c034e062d09f20b460ef90f301107125a1207123011f90f460ef20b2d094e066c03610029fdfff91ef792f44ff258f0d0eee4eda6ed01eed0ee09f0baf1e3f363f619f9fffb17ff4b026b054d08de0a1c0d070f9b10c0115a125b12c5119810db0eab0c320a8407970474014afe3dfb48f86ff5e4f2e1f065ef51eea6ed94ed3bee80ef25f108f339f5dcf7e7fa15fe26011f0423070e0a870c6e0e05106e115a127012c511ba10700fb30d5c0b9a08ae05a60270ff2dfc28f97ef60ff4cef1fbefd1ee3bee06ee3bee11ef90f07df2a4f406f7bdf9c8fc05003e034306f8085c0b850d700fee10c511fb11c5112f110510330ef10b8209d806d40390005afd52fa66f7a4f44df290f046ef3bee90eda6ed92eefbef92f179f3f2f5ddf8e1fbdafeeb0119052408c70af80cdb0e8010c5116c125a12af119b101f0f1c0d910ab807c304b6018cfe69fb7cf8cef555f325f168ef3beea5eda6ed40ee65eff9f0e4f222f5b3f795fab5fde9000104e7069d091d0c460ef70f3011ff115a121c123011a80fb10d6e0be2080106d7029fff94fcb2f9d3f60ef4baf107f0d0eef9eda6edf9edd0ee07f0baf10ef4d3f6b2f994fc9fffd7020106e2086e0bb10da80f30111c125a12ff113011f70f460e1d0c9d09e7060104e900b5fd95fab3f722f5e4f2f9f065ef40eea6eda5ed3bee68ef25f155f3cef57cf869fb8cfeb601c304b807910a1c0d1f0f9b10af115a126c12c5118010db0ef80cc70a24081905eb01dafee1fbddf8f2f579f392f1fbef92eea6ed90ed3bee46ef90f04df2a4f466f752fa5afd9000d403d8068209f10b330e05102f11c511fb11c511ee10700f850d5c0bf80843063e030500c8fcbdf906f7a4f47df290f011ef3bee06ee3beed1eefbefcef10ff47ef628f92dfc70ffa602ae059a085c0bb30d700fba10c51170125a126e1105106e0e870c0e0a23071f04260115fee7fadcf739f508f325f180ef3bee94eda6ed51ee65efe1f0e4f26ff548f83dfb4afe740197048407320aab0cdb0e9810c5115b125a12c0119b10070f1c0dde0a4d086b054b0217fffffb19f963f6e3f3baf109f0d0ee01eea6ede4edd0ee58f04ff292f41ef7fff929fd61006c034e062d09f20b460ef90f301107125a1207123011f90f460ef20b2d094e066c03610029fdfff91ef792f44ff258f0d0eee4eda6ed01eed0ee09f0baf1e3f363f619f9fffb17ff4b026b054d08de0a1c0d070f9b10c0115a125b12c5119810db0eab0c320a8407970474014afe3dfb48f86ff5e4f2e1f065ef51eea6ed94ed3bee80ef25f108f339f5dcf7e7fa15fe26011f0423070e0a870c6e0e05106e115a127012c511ba10700fb30d5c0b9a08ae05a60270ff2dfc28f97ef60ff4cef1fbefd1ee3bee06ee3bee11ef90f07df2a4f406f7bdf9c8fc05003e034306f8085c0b850d700fee10c511fb11c5112f110510330ef10b8209d806d40390005afd52fa66f7a4f44df290f046ef3bee90eda6ed92eefbef92f179f3f2f5ddf8e1fbdafeeb0119052408c70af80cdb0e8010c5116c125a12af119b101f0f1c0d910ab807c304b6018cfe69fb7cf8cef555f325f168ef3beea5eda6ed40ee65eff9f0e4f222f5b3f795fab5fde9000104e7069d091d0c460ef70f3011ff115a121c123011a80fb10d6e0be2080106d7029fff94fcb2f9d3f60ef4baf107f0d0eef9eda6edf9edd0ee07f0baf10ef4d3f6b2f994fc9fffd7020106e2086e0bb10da80f30111c125a12ff113011f70f460e1d0c9d09e7060104e900b5fd95fab3f722f5e4f2f9f065ef40eea6eda5ed3bee68ef25f155f3cef57cf869fb8cfeb601c304b807910a1c0d1f0f9b10af115a126c12c5118010db0ef80cc70a24081905eb01dafee1fbddf8f2f579f392f1fbef92eea6ed90ed3bee46ef90f04df2a4f466f752fa5afd9000d403d8068209f10b330e05102f11c511fb11c511ee10700f850d5c0bf80843063e030500c8fcbdf906f7a4f47df290f011ef3bee06ee3beed1eefbefcef10ff47ef628f92dfc70ffa602ae059a085c0bb30d700fba10c51170125a126e1105106e0e870c0e0a23071f04260115fee7fadcf739f508f325f180ef3bee94eda6ed51ee65efe1f0e4f26ff548f83dfb4afe740197048407320aab0cdb0e9810c5115b125a12c0119b10070f1c0dde0a4d086b054b0217fffffb19f963f6e3f3baf109f0d0ee01eea6ede4edd0ee58f04ff292f41ef7fff929fd61006c034e062d09f20b460ef90f301107125a1207123011f90f460ef20b2d094e066c03610029fdfff91ef792f44ff258f0d0eee4eda6ed01eed0ee09f0baf1e3f363f619f9fffb17ff4b026b054d08de0a1c0d070f9b10c0115a125b12c5119810db0eab0c320a8407970474014afe3dfb48f86ff5e4f2e1f065ef51eea6ed94ed3bee80ef25f108f339f5dcf7e7fa15fe26011f0423070e0a870c6e0e05106e115a127012c511ba10700fb30d5c0b9a08ae05a60270ff2dfc28f97ef60ff4cef1fbefd1ee3bee06ee3bee11ef90f07df2a4f406f7bdf9c8fc05003e034306f8085c0b850d700fee10c511fb11c5112f110510330ef10b8209d806d40390005afd52fa66f7a4f44df290f046ef3bee90eda6ed92eefbef92f179f3f2f5ddf8e1fbdafeeb0119052408c70af80cdb0e8010c5116c125a12af119b101f0f1c0d910ab807c304b6018cfe69fb7cf8cef555f325f168ef3beea5eda6ed40ee65eff9f0e4f222f5b3f795fab5fde9000104e7069d091d0c460ef70f3011ff115a121c123011a80fb10d6e0be2080106d7029fff94fcb2f9d3f60ef4baf107f0d0eef9eda6edf9edd0ee07f0baf10ef4d3f6b2f994fc9fffd7020106e2086e0bb10da80f30111c125a12ff113011f70f460e1d0c9d09e7060104e900b5fd95fab3f722f5e4f2f9f065ef40eea6eda5ed3bee68ef25f155f3cef57cf869fb8cfeb601c304b807910a1c0d1f0f9b10af115a126c12c5118010db0ef80cc70a24081905eb01dafee1fbddf8f2f579f392f1fbef92eea6ed90ed3bee46ef90f04df2a4f466f752fa5afd9000d403d8068209f10b330e05102f11c511fb11c511ee10700f850d5c0bf80843063e030500c8fcbdf906f7a4f47df290f011ef3bee06ee3beed1eefbefcef10ff47ef628f92dfc70ffa602ae059a085c0bb30d700fba10c51170125a126e1105106e0e870c0e0a23071f04260115fee7fadcf739f508f325f180ef3bee94eda6ed51ee65efe1f0e4f26ff548f83dfb4afe740197048407320aab0cdb0e9810c5115b125a12c0119b10070f1c0dde0a4d086b054b0217fffffb19f963f6e3f3baf109f0d0ee01eea6ede4edd0ee58f04ff292f41ef7fff929fd61006c034e062d09f20b460efa0f301107125a1207123011f90f460ef30b2d094d066c03630029fdfcf91ef796f44ff251f0d0eef6eda6ed99ed');


--
-- Data for Name: idempotency; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: import_rows; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: imports; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: key_changes; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.key_changes VALUES (1, 1795969095900, '235cffe8bacd', 0, 1, NULL, 'command line', '', '{"label":"","scopes":[],"numbers":null,"expires_at_ms":null,"revoked_at_ms":null,"revision":0,"rotated":false}');
INSERT INTO public.key_changes VALUES (2, 1795969110273, 'fc7b045b985e', 0, 1, NULL, 'command line', '', '{"label":"revoked","scopes":[],"numbers":null,"expires_at_ms":null,"revoked_at_ms":null,"revision":0,"rotated":false}');
INSERT INTO public.key_changes VALUES (3, 1795969111980, 'fc7b045b985e', 1, 1, NULL, 'command line', '{"label":"revoked","scopes":[],"numbers":null,"expires_at_ms":null,"revoked_at_ms":null,"revision":0,"rotated":false}', '{"label":"revoked","scopes":[],"numbers":null,"expires_at_ms":null,"revoked_at_ms":1795969111980,"revision":1,"rotated":false}');


--
-- Data for Name: key_uses; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.key_uses VALUES ('235cffe8bacd', 1795969128657);


--
-- Data for Name: leases; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: limit_notices; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: mails; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.mails VALUES ('74236014a410493f89f8d0caf2491809', 'owner@example.com', 1795969150172, 1795969157913, 'pending', 3, '127.0.0.1:31636 refuses connections: check that the SMTP server runs, and its port', NULL, NULL, NULL, 1795969152880, NULL);
INSERT INTO public.mails VALUES ('ad87464fbf834f1bb17e5cdf9a145e25', 'owner@example.com', 1795969130155, 1795969130155, 'kept', 1, '/tmp/tmppzy24k3h/data/mail/ad87464fbf834f1bb17e5cdf9a145e25.eml', 1795969130259, NULL, NULL, 1795969130155, NULL);


--
-- Data for Name: message_audio; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.message_audio VALUES ('74236014a410493f89f8d0caf2491809', '\x52494646e440000057415645666d74201000000001000100401f0000803e00000200100064617461c0400000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e080e280e7c0f30800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f2');
INSERT INTO public.message_audio VALUES ('ad87464fbf834f1bb17e5cdf9a145e25', '\x52494646a43f000057415645666d74201000000001000100401f0000803e00000200100064617461803f00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580eb40f60800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e0');


--
-- Data for Name: messages; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.messages VALUES ('74236014a410493f89f8d0caf2491809', 33261910123, 1, 1, '+33695267868', 'call-4-b1b057879995', 1795969148712, 1036, false, NULL, NULL);
INSERT INTO public.messages VALUES ('ad87464fbf834f1bb17e5cdf9a145e25', 33261910123, 1, 1, '+33653458599', 'call-3-3f5d24b673a6', 1795969128709, 1016, false, NULL, NULL);


--
-- Data for Name: missed_call_mails; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: node_counts; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: numbers; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.numbers VALUES (33199001201, 1, '', true, true, 0, NULL, NULL, 60, 0, NULL, 1795969113574, 'release', 'release', NULL, 1, '{}', NULL, 2, 0);
INSERT INTO public.numbers VALUES (33199001202, 1, '', false, true, 0, NULL, NULL, 60, 0, NULL, 1795969115379, 'release', 'release', NULL, 1, '{}', NULL, 2, 0);
INSERT INTO public.numbers VALUES (33199001203, 1, '', true, false, 0, NULL, NULL, 60, 0, NULL, 1795969116984, 'release', 'release', NULL, 1, '{}', NULL, 1, 0);
INSERT INTO public.numbers VALUES (33199001204, 1, 'été', true, true, 1, 33644630000, NULL, 20, 1, 1795969121423, 1795969118653, 'voicemail', 'release', 'colleague@example.com', 1, '{"revision":1,"action":"forward","to":[33644630000],"ring_timeout_s":20,"on_no_answer":"voicemail","fallback_emails":["colleague@example.com"]}', NULL, 2, 0);
INSERT INTO public.numbers VALUES (33199001234, 1, '', true, true, 1, 33644630000, NULL, 60, 2, 1795969128656, 1795969098160, 'release', 'release', NULL, 1, '{"revision":2,"action":"forward","to":[33644630000]}', NULL, 4, 0);
INSERT INTO public.numbers VALUES (33261910123, 1, '', true, true, 2, NULL, 'owner@example.com', 60, 1, 1795969128658, 1795969100284, 'release', 'release', NULL, 1, '{"revision":1,"action":"voicemail","emails":["owner@example.com"]}', NULL, 6, 0);


--
-- Data for Name: operator_keys; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: past_changes; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: policy_changes; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.policy_changes VALUES (1, 1795969093939, 1, NULL, 'command line', '{"destinations":{}}', '{"destinations":{},"limits":{"account":{"calls":100000,"minutes_per_day":1000000}}}');
INSERT INTO public.policy_changes VALUES (2, 1795969108535, 2, NULL, 'command line', '{"destinations":{}}', '{"destinations":{},"limits":{"account":{"calls":100000,"minutes_per_day":1000000}}}');


--
-- Data for Name: rates; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: removals; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: secrets; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: shared_keys; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.shared_keys VALUES ('957cf2a0', '\x40339f0a4527e6d061bfbf5729bd5e3f2e6c3e2bb3f06e4af94a8958421ebd74', 1795969123357);


--
-- Data for Name: spool_files; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.spool_files VALUES ('0537081ecf28-9813-0.jsonl', 348);
INSERT INTO public.spool_files VALUES ('0537081ecf28-9817-0.jsonl', 553);
INSERT INTO public.spool_files VALUES ('voicemail13f87e1adbdbd-9746-0.jsonl', 87);


--
-- Data for Name: store_info; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.store_info VALUES ('compatible_from', '0002');
INSERT INTO public.store_info VALUES ('moved_from', '79f24b12da2a4e5d72aa9849448e71cf');


--
-- Data for Name: trunks; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.trunks VALUES ('carrier', 'inbound', '127.0.0.0/8', 'request-uri', NULL, NULL, NULL, NULL, NULL, 'FR', NULL, NULL);
INSERT INTO public.trunks VALUES ('carrier-out', 'outbound', NULL, NULL, 'sip:127.0.0.1:50295', 60, 'e164', 'both', 'passthrough', 'FR', NULL, NULL);


--
-- Data for Name: usage; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: webhook_deliveries; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: webhooks; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Name: accounts_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.accounts_id_seq', 2, true);


--
-- Name: calls_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.calls_id_seq', 4, true);


--
-- Name: events_position_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.events_position_seq', 17, true);


--
-- Name: key_changes_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.key_changes_id_seq', 3, true);


--
-- Name: policy_changes_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.policy_changes_id_seq', 2, true);


--
-- Name: webhook_deliveries_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.webhook_deliveries_id_seq', 1, false);


--
-- Name: alembic_version alembic_version_pkc; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);


--
-- Name: accounts pk_accounts; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT pk_accounts PRIMARY KEY (id);


--
-- Name: api_answers pk_api_answers; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_answers
    ADD CONSTRAINT pk_api_answers PRIMARY KEY (account_id, key);


--
-- Name: api_keys pk_api_keys; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT pk_api_keys PRIMARY KEY (id);


--
-- Name: audit pk_audit; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audit
    ADD CONSTRAINT pk_audit PRIMARY KEY (number, revision);


--
-- Name: call_counts pk_call_counts; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.call_counts
    ADD CONSTRAINT pk_call_counts PRIMARY KEY (decision, status);


--
-- Name: call_ladders pk_call_ladders; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.call_ladders
    ADD CONSTRAINT pk_call_ladders PRIMARY KEY (id);


--
-- Name: calls pk_calls; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.calls
    ADD CONSTRAINT pk_calls PRIMARY KEY (id);


--
-- Name: counters pk_counters; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.counters
    ADD CONSTRAINT pk_counters PRIMARY KEY (name);


--
-- Name: event_seqs pk_event_seqs; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.event_seqs
    ADD CONSTRAINT pk_event_seqs PRIMARY KEY (account_id, number);


--
-- Name: events pk_events; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.events
    ADD CONSTRAINT pk_events PRIMARY KEY ("position");


--
-- Name: further_mails pk_further_mails; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.further_mails
    ADD CONSTRAINT pk_further_mails PRIMARY KEY (message_id, place);


--
-- Name: greetings pk_greetings; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.greetings
    ADD CONSTRAINT pk_greetings PRIMARY KEY (number);


--
-- Name: idempotency pk_idempotency; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.idempotency
    ADD CONSTRAINT pk_idempotency PRIMARY KEY (account_id, key);


--
-- Name: import_rows pk_import_rows; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.import_rows
    ADD CONSTRAINT pk_import_rows PRIMARY KEY (number);


--
-- Name: imports pk_imports; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.imports
    ADD CONSTRAINT pk_imports PRIMARY KEY (id);


--
-- Name: key_changes pk_key_changes; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.key_changes
    ADD CONSTRAINT pk_key_changes PRIMARY KEY (id);


--
-- Name: key_uses pk_key_uses; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.key_uses
    ADD CONSTRAINT pk_key_uses PRIMARY KEY (key_id);


--
-- Name: leases pk_leases; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.leases
    ADD CONSTRAINT pk_leases PRIMARY KEY (name);


--
-- Name: limit_notices pk_limit_notices; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.limit_notices
    ADD CONSTRAINT pk_limit_notices PRIMARY KEY (account_id, day);


--
-- Name: mails pk_mails; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.mails
    ADD CONSTRAINT pk_mails PRIMARY KEY (message_id);


--
-- Name: message_audio pk_message_audio; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.message_audio
    ADD CONSTRAINT pk_message_audio PRIMARY KEY (message_id);


--
-- Name: messages pk_messages; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.messages
    ADD CONSTRAINT pk_messages PRIMARY KEY (id);


--
-- Name: missed_call_mails pk_missed_call_mails; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.missed_call_mails
    ADD CONSTRAINT pk_missed_call_mails PRIMARY KEY (id);


--
-- Name: node_counts pk_node_counts; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.node_counts
    ADD CONSTRAINT pk_node_counts PRIMARY KEY (node);


--
-- Name: numbers pk_numbers; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.numbers
    ADD CONSTRAINT pk_numbers PRIMARY KEY (number);


--
-- Name: operator_keys pk_operator_keys; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.operator_keys
    ADD CONSTRAINT pk_operator_keys PRIMARY KEY (id);


--
-- Name: past_changes pk_past_changes; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.past_changes
    ADD CONSTRAINT pk_past_changes PRIMARY KEY (removal_id, revision);


--
-- Name: policy_changes pk_policy_changes; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.policy_changes
    ADD CONSTRAINT pk_policy_changes PRIMARY KEY (id);


--
-- Name: rates pk_rates; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.rates
    ADD CONSTRAINT pk_rates PRIMARY KEY (prefix);


--
-- Name: removals pk_removals; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.removals
    ADD CONSTRAINT pk_removals PRIMARY KEY (id);


--
-- Name: secrets pk_secrets; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.secrets
    ADD CONSTRAINT pk_secrets PRIMARY KEY (name);


--
-- Name: shared_keys pk_shared_keys; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.shared_keys
    ADD CONSTRAINT pk_shared_keys PRIMARY KEY (id);


--
-- Name: spool_files pk_spool_files; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.spool_files
    ADD CONSTRAINT pk_spool_files PRIMARY KEY (file);


--
-- Name: store_info pk_store_info; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.store_info
    ADD CONSTRAINT pk_store_info PRIMARY KEY (key);


--
-- Name: trunks pk_trunks; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.trunks
    ADD CONSTRAINT pk_trunks PRIMARY KEY (name);


--
-- Name: usage pk_usage; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.usage
    ADD CONSTRAINT pk_usage PRIMARY KEY (name, day);


--
-- Name: webhook_deliveries pk_webhook_deliveries; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.webhook_deliveries
    ADD CONSTRAINT pk_webhook_deliveries PRIMARY KEY (id);


--
-- Name: webhooks pk_webhooks; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.webhooks
    ADD CONSTRAINT pk_webhooks PRIMARY KEY (id);


--
-- Name: accounts uq_accounts_name; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT uq_accounts_name UNIQUE (name);


--
-- Name: calls uq_calls_call_id; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.calls
    ADD CONSTRAINT uq_calls_call_id UNIQUE (call_id, from_tag, cseq);


--
-- Name: ix_api_answers_at_ms; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_api_answers_at_ms ON public.api_answers USING btree (at_ms);


--
-- Name: ix_api_keys_account_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_api_keys_account_id ON public.api_keys USING btree (account_id);


--
-- Name: ix_api_keys_created_at_ms; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_api_keys_created_at_ms ON public.api_keys USING btree (created_at_ms, id);


--
-- Name: ix_api_keys_listed; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_api_keys_listed ON public.api_keys USING btree (account_id, created_at_ms, id);


--
-- Name: ix_api_keys_live; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_api_keys_live ON public.api_keys USING btree (account_id) WHERE (revoked_at_ms IS NULL);


--
-- Name: ix_api_keys_revoked_at_ms; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_api_keys_revoked_at_ms ON public.api_keys USING btree (revoked_at_ms) WHERE (revoked_at_ms IS NOT NULL);


--
-- Name: ix_call_ladders_setup_at_ms; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_call_ladders_setup_at_ms ON public.call_ladders USING btree (setup_at_ms);


--
-- Name: ix_calls_account_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_calls_account_id ON public.calls USING btree (account_id, setup_at_ms, id);


--
-- Name: ix_calls_caller; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_calls_caller ON public.calls USING btree (account_id, caller, setup_at_ms, id);


--
-- Name: ix_calls_number; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_calls_number ON public.calls USING btree (number, setup_at_ms);


--
-- Name: ix_calls_setup_at_ms; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_calls_setup_at_ms ON public.calls USING btree (setup_at_ms);


--
-- Name: ix_calls_unassigned; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_calls_unassigned ON public.calls USING btree (id) WHERE ((account_id IS NULL) AND (number IS NOT NULL));


--
-- Name: ix_calls_unended; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_calls_unended ON public.calls USING btree (setup_at_ms) WHERE (end_at_ms IS NULL);


--
-- Name: ix_calls_unfinished; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_calls_unfinished ON public.calls USING btree (setup_at_ms) WHERE (status IS NULL);


--
-- Name: ix_events_account_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_events_account_id ON public.events USING btree (account_id, tx, "position");


--
-- Name: ix_further_mails_pending; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_further_mails_pending ON public.further_mails USING btree (due_at_ms) WHERE (state = 'pending'::text);


--
-- Name: ix_further_mails_unreported; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_further_mails_unreported ON public.further_mails USING btree (report_at_ms) WHERE (report_at_ms IS NOT NULL);


--
-- Name: ix_idempotency_at_ms; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_idempotency_at_ms ON public.idempotency USING btree (at_ms);


--
-- Name: ix_key_changes_changed_key; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_key_changes_changed_key ON public.key_changes USING btree (changed_key, revision);


--
-- Name: ix_limit_notices_due; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_limit_notices_due ON public.limit_notices USING btree (due_at_ms) WHERE (due_at_ms IS NOT NULL);


--
-- Name: ix_mails_pending; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_mails_pending ON public.mails USING btree (due_at_ms) WHERE (state = 'pending'::text);


--
-- Name: ix_mails_unreported; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_mails_unreported ON public.mails USING btree (report_at_ms) WHERE (report_at_ms IS NOT NULL);


--
-- Name: ix_messages_account_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_messages_account_id ON public.messages USING btree (account_id, received_at_ms);


--
-- Name: ix_messages_caller; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_messages_caller ON public.messages USING btree (account_id, caller, received_at_ms);


--
-- Name: ix_messages_number; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_messages_number ON public.messages USING btree (number, received_at_ms);


--
-- Name: ix_messages_received_at_ms; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_messages_received_at_ms ON public.messages USING btree (received_at_ms);


--
-- Name: ix_messages_unheard; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_messages_unheard ON public.messages USING btree (account_id, received_at_ms) WHERE (heard_at_ms IS NULL);


--
-- Name: ix_missed_call_mails_caller; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_missed_call_mails_caller ON public.missed_call_mails USING btree (number, caller, called_at_ms);


--
-- Name: ix_missed_call_mails_pending; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_missed_call_mails_pending ON public.missed_call_mails USING btree (due_at_ms) WHERE (state = 'pending'::text);


--
-- Name: ix_missed_call_mails_queued_at_ms; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_missed_call_mails_queued_at_ms ON public.missed_call_mails USING btree (queued_at_ms);


--
-- Name: ix_numbers_account_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_numbers_account_id ON public.numbers USING btree (account_id, number);


--
-- Name: ix_numbers_kind; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_numbers_kind ON public.numbers USING btree (account_id, rule_type, active, number);


--
-- Name: ix_numbers_label; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_numbers_label ON public.numbers USING btree (account_id, lower((label COLLATE "C")), number);


--
-- Name: ix_numbers_renew_at_ms; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_numbers_renew_at_ms ON public.numbers USING btree (renew_at_ms, number) WHERE (renew_at_ms IS NOT NULL);


--
-- Name: ix_numbers_routing_newer; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_numbers_routing_newer ON public.numbers USING btree (routing_version) WHERE (routing_version > 2);


--
-- Name: ix_numbers_routing_version; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_numbers_routing_version ON public.numbers USING btree (routing_version) WHERE (routing_version > 1);


--
-- Name: ix_operator_keys_created_at_ms; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_operator_keys_created_at_ms ON public.operator_keys USING btree (created_at_ms, id);


--
-- Name: ix_operator_keys_revoked_at_ms; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_operator_keys_revoked_at_ms ON public.operator_keys USING btree (revoked_at_ms) WHERE (revoked_at_ms IS NOT NULL);


--
-- Name: ix_past_changes_at_ms; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_past_changes_at_ms ON public.past_changes USING btree (at_ms);


--
-- Name: ix_removals_account_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_removals_account_id ON public.removals USING btree (account_id, at_ms);


--
-- Name: ix_removals_at_ms; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_removals_at_ms ON public.removals USING btree (at_ms);


--
-- Name: ix_removals_number; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_removals_number ON public.removals USING btree (number, at_ms);


--
-- Name: ix_removals_open; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_removals_open ON public.removals USING btree (at_ms) WHERE (ended_at_ms IS NULL);


--
-- Name: ix_usage_day; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_usage_day ON public.usage USING btree (day);


--
-- Name: ix_webhook_deliveries_due; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_webhook_deliveries_due ON public.webhook_deliveries USING btree (webhook_id, due_at_ms) WHERE (state = 'pending'::text);


--
-- Name: ix_webhook_deliveries_unended; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_webhook_deliveries_unended ON public.webhook_deliveries USING btree (webhook_id, lane, id) WHERE (state = ANY (ARRAY['pending'::text, 'waiting'::text]));


--
-- Name: ix_webhook_deliveries_webhook_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_webhook_deliveries_webhook_id ON public.webhook_deliveries USING btree (webhook_id, id);


--
-- Name: ix_webhooks_account_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_webhooks_account_id ON public.webhooks USING btree (account_id, id);


--
-- Name: ix_webhooks_notice; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_webhooks_notice ON public.webhooks USING btree (notice_due_at_ms) WHERE (notice_due_at_ms IS NOT NULL);


--
-- Name: api_keys fk_api_keys_account_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT fk_api_keys_account_id FOREIGN KEY (account_id) REFERENCES public.accounts(id);


--
-- Name: further_mails fk_further_mails_message_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.further_mails
    ADD CONSTRAINT fk_further_mails_message_id FOREIGN KEY (message_id) REFERENCES public.messages(id) ON DELETE CASCADE;


--
-- Name: greetings fk_greetings_number; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.greetings
    ADD CONSTRAINT fk_greetings_number FOREIGN KEY (number) REFERENCES public.numbers(number);


--
-- Name: imports fk_imports_account_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.imports
    ADD CONSTRAINT fk_imports_account_id FOREIGN KEY (account_id) REFERENCES public.accounts(id);


--
-- Name: mails fk_mails_message_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.mails
    ADD CONSTRAINT fk_mails_message_id FOREIGN KEY (message_id) REFERENCES public.messages(id);


--
-- Name: message_audio fk_message_audio_message_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.message_audio
    ADD CONSTRAINT fk_message_audio_message_id FOREIGN KEY (message_id) REFERENCES public.messages(id);


--
-- Name: messages fk_messages_account_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.messages
    ADD CONSTRAINT fk_messages_account_id FOREIGN KEY (account_id) REFERENCES public.accounts(id);


--
-- Name: numbers fk_numbers_account_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.numbers
    ADD CONSTRAINT fk_numbers_account_id FOREIGN KEY (account_id) REFERENCES public.accounts(id);


--
-- PostgreSQL database dump complete
--


