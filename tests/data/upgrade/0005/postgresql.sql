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
    email text
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
    revoked_at_ms bigint
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
    options text DEFAULT ''::text NOT NULL
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
    unheard text
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
    cut_off boolean NOT NULL
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
    routing text
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
-- Name: accounts id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.accounts ALTER COLUMN id SET DEFAULT nextval('public.accounts_id_seq'::regclass);


--
-- Name: calls id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.calls ALTER COLUMN id SET DEFAULT nextval('public.calls_id_seq'::regclass);


--
-- Name: policy_changes id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.policy_changes ALTER COLUMN id SET DEFAULT nextval('public.policy_changes_id_seq'::regclass);


--
-- Data for Name: accounts; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.accounts VALUES (1, 'acme', 'fr', 'FR', 1795951223817, 'Europe/Paris', 3650, 2, '{"destinations":{},"limits":{"account":{"calls":100000,"minutes_per_day":1000000}}}', NULL);
INSERT INTO public.accounts VALUES (2, 'beta', 'en', 'GB', 1795951228412, NULL, 30, 2, '{"destinations":{},"limits":{"account":{"calls":100000,"minutes_per_day":1000000}}}', NULL);


--
-- Data for Name: alembic_version; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.alembic_version VALUES ('0005');


--
-- Data for Name: api_keys; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.api_keys VALUES ('3461c2dc1b9d', 1, '\xf12b80391f0f9ab6306ff53eaf4d3876543084a5d1ed69de6ba1e3509dc3f7b8', '', '', 1795951224383, NULL, NULL);
INSERT INTO public.api_keys VALUES ('97515c25319b', 1, '\x810d3272c6412215dd1712d215241771cc7c467a91f6334b39746a993f4352bf', 'revoked', '', 1795951228973, NULL, 1795951229566);


--
-- Data for Name: audit; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.audit VALUES (33199001204, 1, 1795951233115, 1, NULL, 'command line', 0, '', 1, '+33644630000', '[{"name":"ring_timeout_s","before":60,"after":20},{"name":"no_answer","before":"release","after":"voicemail"},{"name":"email","before":null,"after":"colleague@example.com"}]');
INSERT INTO public.audit VALUES (33199001234, 1, 1795951236507, 1, '3461c2dc1b9d', '127.0.0.1', 0, '', 1, '+33644631111', '');
INSERT INTO public.audit VALUES (33199001234, 2, 1795951236514, 1, '3461c2dc1b9d', '127.0.0.1', 1, '+33644631111', 1, '+33644630000', '');
INSERT INTO public.audit VALUES (33261910123, 1, 1795951236517, 1, '3461c2dc1b9d', '127.0.0.1', 0, '', 2, 'owner@example.com', '');


--
-- Data for Name: call_counts; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.call_counts VALUES ('forward', 486, 1);
INSERT INTO public.call_counts VALUES ('reject', 480, 1);
INSERT INTO public.call_counts VALUES ('voicemail', 200, 2);


--
-- Data for Name: call_ladders; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.call_ladders VALUES (1, 1795951236519, '{"legs":[{"destination":"sip:127.0.0.1:44157","request_uri":"sip:+33644630000@127.0.0.1:44157","sent_at_ms":1795951236523,"trunk":"carrier-out","headers":["Diversion: <sip:+33199001234@127.0.0.1>;reason=unconditional;counter=1;privacy=off","History-Info: <sip:+33199001234@127.0.0.1>;index=1","History-Info: <sip:+33644630000@127.0.0.1;cause=302>;index=1.1;mp=1"],"end":"answered","end_at_ms":1795951236523,"status":486,"phrase":"Test"}]}');
INSERT INTO public.call_ladders VALUES (3, 1795951236532, '{"legs":[{"destination":"sip:127.0.0.1:58740","request_uri":"sip:+33261910123@127.0.0.1:58740","sent_at_ms":1795951236539,"end":"answered","end_at_ms":1795951236545,"status":200,"phrase":"OK"}]}');
INSERT INTO public.call_ladders VALUES (4, 1795951244559, '{"legs":[{"destination":"sip:127.0.0.1:42970","request_uri":"sip:+33261910123@127.0.0.1:42970","sent_at_ms":1795951244566,"end":"answered","end_at_ms":1795951244578,"status":200,"phrase":"OK"}]}');


--
-- Data for Name: calls; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.calls VALUES (1, 'call-1-24c8bea84b9d', '97b12f13', 1, '+33612345678', '+33199001234', 33199001234, 2, 'forward', NULL, 33644630000, 'carrier-out', 1795951236519, NULL, NULL, 1795951236523, 486, NULL, 'callee', '+33199001234', NULL, false, false, NULL, false, 'a1 n33199001234', NULL, NULL);
INSERT INTO public.calls VALUES (2, 'call-2-12f0335bdfd9', '42b13d58', 1, '+33612345678', '+33199001201', 33199001201, 0, 'reject', 'disabled', NULL, NULL, 1795951236524, NULL, NULL, 1795951236524, 480, 20, 'edge', '', NULL, false, false, NULL, false, NULL, NULL, NULL);
INSERT INTO public.calls VALUES (3, 'call-3-5b4841e3805f', 'ec8e9922', 1, '+33671508567', '+33261910123', 33261910123, 1, 'voicemail', NULL, NULL, NULL, 1795951236532, NULL, 1795951236545, 1795951237972, 200, NULL, 'caller', '', false, false, false, NULL, false, NULL, NULL, NULL);
INSERT INTO public.calls VALUES (4, 'call-4-78a9796676ac', 'dd2cf870', 1, '+33672496645', '+33261910123', 33261910123, 1, 'voicemail', NULL, NULL, NULL, 1795951244559, NULL, 1795951244578, 1795951246005, 200, NULL, 'caller', '', false, false, false, NULL, false, NULL, NULL, NULL);


--
-- Data for Name: counters; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.counters VALUES ('mail_attempts_failed', 1);
INSERT INTO public.counters VALUES ('mails_kept', 1);
INSERT INTO public.counters VALUES ('messages', 2);
INSERT INTO public.counters VALUES ('recorded_ms', 2082);
INSERT INTO public.counters VALUES ('shared_keys', 0);
INSERT INTO public.counters VALUES ('trunks_revision', 2);


--
-- Data for Name: greetings; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.greetings VALUES (33261910123, 1795951238689, false, '\x524946464482000057415645666d74201000000001000100803e0000007d00000200100064617461208200000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000ffff000002000000fdff000006000000f5ff000013000000e3ff00002b000000c0ff00005e00000078ff0000ca000000bffe00006002000046f7f1eeb6edd5f142f575f658f806fca3ff470202053d080b0b030dbe0e7b10bb1137122612a3118410bf0e8c0c1f0a79078e046f014dfe46fb57f883f5fdf2fef085ef73eec9edb7ed5dee9fef41f121f34df5ecf7f1fa19fe230117041507fb096f0c530ee70f4c1137124c12a3119a10530f990d470b8908a305a10271ff34fc35f991f625f4e9f119f0f2ee5dee28ee5dee32efadf096f2b9f417f7c9f9cefc050037033706e708470b6b0d530fce10a311d811a3110e11e70f180edb0b6f09cb06cd038f005ffd5dfa77f7b9f467f2adf066ef5deeb4edc9edb4ee19f0adf191f305f6ebf8e9fbddfee7010f051408b30adf0cbf0e6110a311491237128d117b10020f030d7d0aa907ba04b3018ffe72fb8bf8e1f56df341f187ef5deec8edc9ed62ee85ef15f1fdf237f5c3f79ffab9fde700fa03da068b09060c2b0ed80f0f11dd113712fa110f118a0f970d580bd208f605d2029fff9afcbef9e4f625f4d5f125f0f1ee1ceec9ed1ceef1ee25f0d5f125f4e4f6bef99afc9fffd202f605d208580b970d8a0f0f11fa113712dd110f11d80f2b0e060c8b09da06fa03e700b9fd9ffac3f737f5fdf215f185ef62eec9edc8ed5dee87ef41f16df3e1f58bf872fb8ffeb301ba04a9077d0a030d020f7b108d1137124912a3116110bf0edf0cb30a14080f05e701ddfee9fbebf805f691f3adf119f0b4eec9edb4ed5dee66efadf067f2b9f477f75dfa5ffd8f00cd03cb066f09db0b180ee70f0e11a311d811a311ce10530f6b0d470be708370637030500cefcc9f917f7b9f496f2adf032ef5dee28ee5deef2ee19f0e9f125f491f635f934fc71ffa102a3058908470b990d530f9a10a3114c1237124c11e70f530e6f0cfb0915071704230119fef1faecf74df521f341f19fef5deeb7edc9ed73ee85effef0fdf283f557f846fb4dfe71018e0475071f0a930cbf0e7910a311381237129e117b10eb0e030dc90a3d086105470219ff06fc26f975f6faf3d5f128f0f1ee23eec9ed06eef1ee76f069f2a8f42ef70afa2efd6100660342061c09db0b2b0edb0f0f11e4113712e4110f11db0f2b0edb0b1c094206660361002efd0afa2ef7a8f469f276f0f1ee06eec9ed23eef1ee28f0d5f1faf375f626f906fc19ff470261053d08c90a030deb0e7b109e1137123812a3117910bf0e930c1f0a75078e0471014dfe46fb57f883f5fdf2fef085ef73eec9edb7ed5dee9fef41f121f34df5ecf7f1fa19fe230117041507fb096f0c530ee70f4c1137124c12a3119a10530f990d470b8908a305a10271ff34fc35f991f625f4e9f119f0f2ee5dee28ee5dee32efadf096f2b9f417f7c9f9cefc050037033706e708470b6b0d530fce10a311d811a3110e11e70f180edb0b6f09cb06cd038f005ffd5dfa77f7b9f467f2adf066ef5deeb4edc9edb4ee19f0adf191f305f6ebf8e9fbddfee7010f051408b30adf0cbf0e6110a311491237128d117b10020f030d7d0aa907ba04b3018ffe72fb8bf8e1f56df341f187ef5deec8edc9ed62ee85ef15f1fdf237f5c3f79ffab9fde700fa03da068b09060c2b0ed80f0f11dd113712fa110f118a0f970d580bd208f605d2029fff9afcbef9e4f625f4d5f125f0f1ee1ceec9ed1ceef1ee25f0d5f125f4e4f6bef99afc9fffd202f605d208580b970d8a0f0f11fa113712dd110f11d80f2b0e060c8b09da06fa03e700b9fd9ffac3f737f5fdf215f185ef62eec9edc8ed5dee87ef41f16df3e1f58bf872fb8ffeb301ba04a9077d0a030d020f7b108d1137124912a3116110bf0edf0cb30a14080f05e701ddfee9fbebf805f691f3adf119f0b4eec9edb4ed5dee66efadf067f2b9f477f75dfa5ffd8f00cd03cb066f09db0b180ee70f0e11a311d811a311ce10530f6b0d470be708370637030500cefcc9f917f7b9f496f2adf032ef5dee28ee5deef2ee19f0e9f125f491f635f934fc71ffa102a3058908470b990d530f9a10a3114c1237124c11e70f530e6f0cfb0915071704230119fef1faecf74df521f341f19fef5deeb7edc9ed73ee85effef0fdf283f557f846fb4dfe71018e0475071f0a930cbf0e7910a311381237129e117b10eb0e030dc90a3d086105470219ff06fc26f975f6faf3d5f128f0f1ee23eec9ed06eef1ee76f069f2a8f42ef70afa2efd6100660342061c09db0b2b0edb0f0f11e4113712e4110f11db0f2b0edb0b1c094206660361002efd0afa2ef7a8f469f276f0f1ee06eec9ed23eef1ee28f0d5f1faf375f626f906fc19ff470261053d08c90a030deb0e7b109e1137123812a3117910bf0e930c1f0a75078e0471014dfe46fb57f883f5fdf2fef085ef73eec9edb7ed5dee9fef41f121f34df5ecf7f1fa19fe230117041507fb096f0c530ee70f4c1137124c12a3119a10530f990d470b8908a305a10271ff34fc35f991f625f4e9f119f0f2ee5dee28ee5dee32efadf096f2b9f417f7c9f9cefc050037033706e708470b6b0d530fce10a311d811a3110e11e70f180edb0b6f09cb06cd038f005ffd5dfa77f7b9f467f2adf066ef5deeb4edc9edb4ee19f0adf191f305f6ebf8e9fbddfee7010f051408b30adf0cbf0e6110a311491237128d117b10020f030d7d0aa907ba04b3018ffe72fb8bf8e1f56df341f187ef5deec8edc9ed62ee85ef15f1fdf237f5c3f79ffab9fde700fa03da068b09060c2b0ed80f0f11dd113712fa110f118a0f970d580bd208f605d2029fff9afcbef9e4f625f4d5f125f0f1ee1ceec9ed1ceef1ee25f0d5f125f4e4f6bef99afc9fffd202f605d208580b970d8a0f0f11fa113712dd110f11d80f2b0e060c8b09da06fa03e700b9fd9ffac3f737f5fdf215f185ef62eec9edc8ed5dee87ef41f16df3e1f58bf872fb8ffeb301ba04a9077d0a030d020f7b108d1137124912a3116110bf0edf0cb30a14080f05e701ddfee9fbebf805f691f3adf119f0b4eec9edb4ed5dee66efadf067f2b9f477f75dfa5ffd8f00cd03cb066f09db0b180ee70f0e11a311d811a311ce10530f6b0d470be708370637030500cefcc9f917f7b9f496f2adf032ef5dee28ee5deef2ee19f0e9f125f491f635f934fc71ffa102a3058908470b990d530f9a10a3114c1237124c11e70f530e6f0cfb0915071704230119fef1faecf74df521f341f19fef5deeb7edc9ed73ee85effef0fdf283f557f846fb4dfe71018e0475071f0a930cbf0e7910a311381237129e117b10eb0e030dc90a3d086105470219ff06fc26f975f6faf3d5f128f0f1ee23eec9ed06eef1ee76f069f2a8f42ef70afa2efd6100660342061c09db0b2b0edb0f0f11e4113712e4110f11db0f2b0edb0b1c094206660361002efd0afa2ef7a8f469f276f0f1ee06eec9ed23eef1ee28f0d5f1faf375f626f906fc19ff470261053d08c90a030deb0e7b109e1137123812a3117910bf0e930c1f0a75078e0471014dfe46fb57f883f5fdf2fef085ef73eec9edb7ed5dee9fef41f121f34df5ecf7f1fa19fe230117041507fb096f0c530ee70f4c1137124c12a3119a10530f990d470b8908a305a10271ff34fc35f991f625f4e9f119f0f2ee5dee28ee5dee32efadf096f2b9f417f7c9f9cefc050037033706e708470b6b0d530fce10a311d811a3110e11e70f180edb0b6f09cb06cd038f005ffd5dfa77f7b9f467f2adf066ef5deeb4edc9edb4ee19f0adf191f305f6ebf8e9fbddfee7010f051408b30adf0cbf0e6110a311491237128d117b10020f030d7d0aa907ba04b3018ffe72fb8bf8e1f56df341f187ef5deec8edc9ed62ee85ef15f1fdf237f5c3f79ffab9fde700fa03da068b09060c2b0ed80f0f11dd113712fa110f118a0f970d580bd208f605d2029fff9afcbef9e4f625f4d5f125f0f1ee1ceec9ed1ceef1ee25f0d5f125f4e4f6bef99afc9fffd202f605d208580b970d8a0f0f11fa113712dd110f11d80f2b0e060c8b09da06fa03e700b9fd9ffac3f737f5fdf215f185ef62eec9edc8ed5dee87ef41f16df3e1f58bf872fb8ffeb301ba04a9077d0a030d020f7b108d1137124912a3116110bf0edf0cb30a14080f05e701ddfee9fbebf805f691f3adf119f0b4eec9edb4ed5dee66efadf067f2b9f477f75dfa5ffd8f00cd03cb066f09db0b180ee70f0e11a311d811a311ce10530f6b0d470be708370637030500cefcc9f917f7b9f496f2adf032ef5dee28ee5deef2ee19f0e9f125f491f635f934fc71ffa102a3058908470b990d530f9a10a3114c1237124c11e70f530e6f0cfb0915071704230119fef1faecf74df521f341f19fef5deeb7edc9ed73ee85effef0fdf283f557f846fb4dfe71018e0475071f0a930cbf0e7910a311381237129e117b10eb0e030dc90a3d086105470219ff06fc26f975f6faf3d5f128f0f1ee23eec9ed06eef1ee76f069f2a8f42ef70afa2efd6100660342061c09db0b2b0edb0f0f11e4113712e4110f11db0f2b0edb0b1c094206660361002efd0afa2ef7a8f469f276f0f1ee06eec9ed23eef1ee28f0d5f1faf375f626f906fc19ff470261053d08c90a030deb0e7b109e1137123812a3117910bf0e930c1f0a75078e0471014dfe46fb57f883f5fdf2fef085ef73eec9edb7ed5dee9fef41f121f34df5ecf7f1fa19fe230117041507fb096f0c530ee70f4c1137124c12a3119a10530f990d470b8908a305a10271ff34fc35f991f625f4e9f119f0f2ee5dee28ee5dee32efadf096f2b9f417f7c9f9cefc050037033706e708470b6b0d530fce10a311d811a3110e11e70f180edb0b6f09cb06cd038f005ffd5dfa77f7b9f467f2adf066ef5deeb4edc9edb4ee19f0adf191f305f6ebf8e9fbddfee7010f051408b30adf0cbf0e6110a311491237128d117b10020f030d7d0aa907ba04b3018ffe72fb8bf8e1f56df341f187ef5deec8edc9ed62ee85ef15f1fdf237f5c3f79ffab9fde700fa03da068b09060c2b0ed80f0f11dd113712fa110f118a0f970d580bd208f605d2029fff9afcbef9e4f625f4d5f125f0f1ee1ceec9ed1ceef1ee25f0d5f125f4e4f6bef99afc9fffd202f605d208580b970d8a0f0f11fa113712dd110f11d80f2b0e060c8b09da06fa03e700b9fd9ffac3f737f5fdf215f185ef62eec9edc8ed5dee87ef41f16df3e1f58bf872fb8ffeb301ba04a9077d0a030d020f7b108d1137124912a3116110bf0edf0cb30a14080f05e701ddfee9fbebf805f691f3adf119f0b4eec9edb4ed5dee66efadf067f2b9f477f75dfa5ffd8f00cd03cb066f09db0b180ee70f0e11a311d811a311ce10530f6b0d470be708370637030500cefcc9f917f7b9f496f2adf032ef5dee28ee5deef2ee19f0e9f125f491f635f934fc71ffa102a3058908470b990d530f9a10a3114c1237124c11e70f530e6f0cfb0915071704230119fef1faecf74df521f341f19fef5deeb7edc9ed73ee85effef0fdf283f557f846fb4dfe71018e0475071f0a930cbf0e7910a311381237129e117b10eb0e030dc90a3d086105470219ff06fc26f975f6faf3d5f128f0f1ee23eec9ed06eef1ee76f069f2a8f42ef70afa2efd6100660342061c09db0b2b0edb0f0f11e4113712e4110f11db0f2b0edb0b1c094206660361002efd0afa2ef7a8f469f276f0f1ee06eec9ed23eef1ee28f0d5f1faf375f626f906fc19ff470261053d08c90a030deb0e7b109e1137123812a3117910bf0e930c1f0a75078e0471014dfe46fb57f883f5fdf2fef085ef73eec9edb7ed5dee9fef41f121f34df5ecf7f1fa19fe230117041507fb096f0c530ee70f4c1137124c12a3119a10530f990d470b8908a305a10271ff34fc35f991f625f4e9f119f0f2ee5dee28ee5dee32efadf096f2b9f417f7c9f9cefc050037033706e708470b6b0d530fce10a311d811a3110e11e70f180edb0b6f09cb06cd038f005ffd5dfa77f7b9f467f2adf066ef5deeb4edc9edb4ee19f0adf191f305f6ebf8e9fbddfee7010f051408b30adf0cbf0e6110a311491237128d117b10020f030d7d0aa907ba04b3018ffe72fb8bf8e1f56df341f187ef5deec8edc9ed62ee85ef15f1fdf237f5c3f79ffab9fde700fa03da068b09060c2b0ed80f0f11dd113712fa110f118a0f970d580bd208f605d2029fff9afcbef9e4f625f4d5f125f0f1ee1ceec9ed1ceef1ee25f0d5f125f4e4f6bef99afc9fffd202f605d208580b970d8a0f0f11fa113712dd110f11d80f2b0e060c8b09da06fa03e700b9fd9ffac3f737f5fdf215f185ef62eec9edc8ed5dee87ef41f16df3e1f58bf872fb8ffeb301ba04a9077d0a030d020f7b108d1137124912a3116110bf0edf0cb30a14080f05e701ddfee9fbebf805f691f3adf119f0b4eec9edb4ed5dee66efadf067f2b9f477f75dfa5ffd8f00cd03cb066f09db0b180ee70f0e11a311d811a311ce10530f6b0d470be708370637030500cefcc9f917f7b9f496f2adf032ef5dee28ee5deef2ee19f0e9f125f491f635f934fc71ffa102a3058908470b990d530f9a10a3114c1237124c11e70f530e6f0cfb0915071704230119fef1faecf74df521f341f19fef5deeb7edc9ed73ee85effef0fdf283f557f846fb4dfe71018e0475071f0a930cbf0e7910a311381237129e117b10eb0e030dc90a3d086105470219ff06fc26f975f6faf3d5f128f0f1ee23eec9ed06eef1ee76f069f2a8f42ef70afa2efd6100660342061c09db0b2b0edb0f0f11e4113712e4110f11db0f2b0edb0b1c094206660361002efd0afa2ef7a8f469f276f0f1ee06eec9ed23eef1ee28f0d5f1faf375f626f906fc19ff470261053d08c90a030deb0e7b109e1137123812a3117910bf0e930c1f0a75078e0471014dfe46fb57f883f5fdf2fef085ef73eec9edb7ed5dee9fef41f121f34df5ecf7f1fa19fe230117041507fb096f0c530ee70f4c1137124c12a3119a10530f990d470b8908a305a10271ff34fc35f991f625f4e9f119f0f2ee5dee28ee5dee32efadf096f2b9f417f7c9f9cefc050037033706e708470b6b0d530fce10a311d811a3110e11e70f180edb0b6f09cb06cd038f005ffd5dfa77f7b9f467f2adf066ef5deeb4edc9edb4ee19f0adf191f305f6ebf8e9fbddfee7010f051408b30adf0cbf0e6110a311491237128d117b10020f030d7d0aa907ba04b3018ffe72fb8bf8e1f56df341f187ef5deec8edc9ed62ee85ef15f1fdf237f5c3f79ffab9fde700fa03da068b09060c2b0ed80f0f11dd113712fa110f118a0f970d580bd208f605d2029fff9afcbef9e4f625f4d5f125f0f1ee1ceec9ed1ceef1ee25f0d5f125f4e4f6bef99afc9fffd202f605d208580b970d8a0f0f11fa113712dd110f11d80f2b0e060c8b09da06fa03e700b9fd9ffac3f737f5fdf215f185ef62eec9edc8ed5dee87ef41f16df3e1f58bf872fb8ffeb301ba04a9077d0a030d020f7b108d1137124912a3116110bf0edf0cb30a14080f05e701ddfee9fbebf805f691f3adf119f0b4eec9edb4ed5dee66efadf067f2b9f477f75dfa5ffd8f00cd03cb066f09db0b180ee70f0e11a311d811a311ce10530f6b0d470be708370637030500cefcc9f917f7b9f496f2adf032ef5dee28ee5deef2ee19f0e9f125f491f635f934fc71ffa102a3058908470b990d530f9a10a3114c1237124c11e70f530e6f0cfb0915071704230119fef1faecf74df521f341f19fef5deeb7edc9ed73ee85effef0fdf283f557f846fb4dfe71018e0475071f0a930cbf0e7910a311381237129e117b10eb0e030dc90a3d086105470219ff06fc26f975f6faf3d5f128f0f1ee23eec9ed06eef1ee76f069f2a8f42ef70afa2efd6100660342061c09db0b2b0edb0f0f11e4113712e4110f11db0f2b0edb0b1c094206660361002efd0afa2ef7a8f469f276f0f1ee06eec9ed23eef1ee28f0d5f1faf375f626f906fc19ff470261053d08c90a030deb0e7b109e1137123812a3117910bf0e930c1f0a75078e0471014dfe46fb57f883f5fdf2fef085ef73eec9edb7ed5dee9fef41f121f34df5ecf7f1fa19fe230117041507fb096f0c530ee70f4c1137124c12a3119a10530f990d470b8908a305a10271ff34fc35f991f625f4e9f119f0f2ee5dee28ee5dee32efadf096f2b9f417f7c9f9cefc050037033706e708470b6b0d530fce10a311d811a3110e11e70f180edb0b6f09cb06cd038f005ffd5dfa77f7b9f467f2adf066ef5deeb4edc9edb4ee19f0adf191f305f6ebf8e9fbddfee7010f051408b30adf0cbf0e6110a311491237128d117b10020f030d7d0aa907ba04b3018ffe72fb8bf8e1f56df341f187ef5deec8edc9ed62ee85ef15f1fdf237f5c3f79ffab9fde700fa03da068b09060c2b0ed80f0f11dd113712fa110f118a0f970d580bd208f605d2029fff9afcbef9e4f625f4d5f125f0f1ee1ceec9ed1ceef1ee25f0d5f125f4e4f6bef99afc9fffd202f605d208580b970d8a0f0f11fa113712dd110f11d80f2b0e060c8b09da06fa03e700b9fd9ffac3f737f5fdf215f185ef62eec9edc8ed5dee87ef41f16df3e1f58bf872fb8ffeb301ba04a9077d0a030d020f7b108d1137124912a3116110bf0edf0cb30a14080f05e701ddfee9fbebf805f691f3adf119f0b4eec9edb4ed5dee66efadf067f2b9f477f75dfa5ffd8f00cd03cb066f09db0b180ee70f0e11a311d811a311ce10530f6b0d470be708370637030500cefcc9f917f7b9f496f2adf032ef5dee28ee5deef2ee19f0e9f125f491f635f934fc71ffa102a3058908470b990d530f9a10a3114c1237124c11e70f530e6f0cfb0915071704230119fef1faecf74df521f341f19fef5deeb7edc9ed73ee85effef0fdf283f557f846fb4dfe71018e0475071f0a930cbf0e7910a311381237129e117b10eb0e030dc90a3d086105470219ff06fc26f975f6faf3d5f128f0f1ee23eec9ed06eef1ee76f069f2a8f42ef70afa2efd6100660342061c09db0b2b0edb0f0f11e4113712e4110f11db0f2b0edb0b1c094206660361002efd0afa2ef7a8f469f276f0f1ee06eec9ed23eef1ee28f0d5f1faf375f626f906fc19ff470261053d08c90a030deb0e7b109e1137123812a3117910bf0e930c1f0a75078e0471014dfe46fb57f883f5fdf2fef085ef73eec9edb7ed5dee9fef41f121f34df5ecf7f1fa19fe230117041507fb096f0c530ee70f4c1137124c12a3119a10530f990d470b8908a305a10271ff34fc35f991f625f4e9f119f0f2ee5dee28ee5dee32efadf096f2b9f417f7c9f9cefc050037033706e708470b6b0d530fce10a311d811a3110e11e70f180edb0b6f09cb06cd038f005ffd5dfa77f7b9f467f2adf066ef5deeb4edc9edb4ee19f0adf191f305f6ebf8e9fbddfee7010f051408b30adf0cbf0e6110a311491237128d117b10020f030d7d0aa907ba04b3018ffe72fb8bf8e1f56df341f187ef5deec8edc9ed62ee85ef15f1fdf237f5c3f79ffab9fde700fa03da068b09060c2b0ed80f0f11dd113712fa110f118a0f970d580bd208f605d2029fff9afcbef9e4f625f4d5f125f0f1ee1ceec9ed1ceef1ee25f0d5f125f4e4f6bef99afc9fffd202f605d208580b970d8a0f0f11fa113712dd110f11d80f2b0e060c8b09da06fa03e700b9fd9ffac3f737f5fdf215f185ef62eec9edc8ed5dee87ef41f16df3e1f58bf872fb8ffeb301ba04a9077d0a030d020f7b108d1137124912a3116110bf0edf0cb30a14080f05e701ddfee9fbebf805f691f3adf119f0b4eec9edb4ed5dee66efadf067f2b9f477f75dfa5ffd8f00cd03cb066f09db0b180ee70f0e11a311d811a311ce10530f6b0d470be708370637030500cefcc9f917f7b9f496f2adf032ef5dee28ee5deef2ee19f0e9f125f491f635f934fc71ffa102a3058908470b990d530f9a10a3114c1237124c11e70f530e6f0cfb0915071704230119fef1faecf74df521f341f19fef5deeb7edc9ed73ee85effef0fdf283f557f846fb4dfe71018e0475071f0a930cbf0e7910a311381237129e117b10eb0e030dc90a3d086105470219ff06fc26f975f6faf3d5f128f0f1ee23eec9ed06eef1ee76f069f2a8f42ef70afa2efd6100660342061c09db0b2b0edb0f0f11e4113712e4110f11db0f2b0edb0b1c094206660361002efd0afa2ef7a8f469f276f0f1ee06eec9ed23eef1ee28f0d5f1faf375f626f906fc19ff470261053d08c90a030deb0e7b109e1137123812a3117910bf0e930c1f0a75078e0471014dfe46fb57f883f5fdf2fef085ef73eec9edb7ed5dee9fef41f121f34df5ecf7f1fa19fe230117041507fb096f0c530ee70f4c1137124c12a3119a10530f990d470b8908a305a10271ff34fc35f991f625f4e9f119f0f2ee5dee28ee5dee32efadf096f2b9f417f7c9f9cefc050037033706e708470b6b0d530fce10a311d811a3110e11e70f180edb0b6f09cb06cd038f005ffd5dfa77f7b9f467f2adf066ef5deeb4edc9edb4ee19f0adf191f305f6ebf8e9fbddfee7010f051408b30adf0cbf0e6110a311491237128d117b10020f030d7d0aa907ba04b3018ffe72fb8bf8e1f56df341f187ef5deec8edc9ed62ee85ef15f1fdf237f5c3f79ffab9fde700fa03da068b09060c2b0ed80f0f11dd113712fa110f118a0f970d580bd208f605d2029fff9afcbef9e4f625f4d5f125f0f1ee1ceec9ed1ceef1ee25f0d5f125f4e4f6bef99afc9fffd202f605d208580b970d8a0f0f11fa113712dd110f11d80f2b0e060c8b09da06fa03e700b9fd9ffac3f737f5fdf215f185ef62eec9edc8ed5dee87ef41f16df3e1f58bf872fb8ffeb301ba04a9077d0a030d020f7b108d1137124912a3116110bf0edf0cb30a14080f05e701ddfee9fbebf805f691f3adf119f0b4eec9edb4ed5dee66efadf067f2b9f477f75dfa5ffd8f00cd03cb066f09db0b180ee70f0e11a311d811a311ce10530f6b0d470be708370637030500cefcc9f917f7b9f496f2adf032ef5dee28ee5deef2ee19f0e9f125f491f635f934fc71ffa102a3058908470b990d530f9a10a3114c1237124c11e70f530e6f0cfb0915071704230119fef1faecf74df521f341f19fef5deeb7edc9ed73ee85effef0fdf283f557f846fb4dfe71018e0475071f0a930cbf0e7910a311381237129e117b10eb0e030dc90a3d086105470219ff06fc26f975f6faf3d5f128f0f1ee23eec9ed06eef1ee76f069f2a8f42ef70afa2efd6100660342061c09db0b2b0edb0f0f11e4113712e4110f11db0f2b0edb0b1c094206660361002efd0afa2ef7a8f469f276f0f1ee06eec9ed23eef1ee28f0d5f1faf375f626f906fc19ff470261053d08c90a030deb0e7b109e1137123812a3117910bf0e930c1f0a75078e0471014dfe46fb57f883f5fdf2fef085ef73eec9edb7ed5dee9fef41f121f34df5ecf7f1fa19fe230117041507fb096f0c530ee70f4c1137124c12a3119a10530f990d470b8908a305a10271ff34fc35f991f625f4e9f119f0f2ee5dee28ee5dee32efadf096f2b9f417f7c9f9cefc050037033706e708470b6b0d530fce10a311d811a3110e11e70f180edb0b6f09cb06cd038f005ffd5dfa77f7b9f467f2adf066ef5deeb4edc9edb4ee19f0adf191f305f6ebf8e9fbddfee7010f051408b30adf0cbf0e6110a311491237128d117b10020f030d7d0aa907ba04b3018ffe72fb8bf8e1f56df341f187ef5deec8edc9ed62ee85ef15f1fdf237f5c3f79ffab9fde700fa03da068b09060c2b0ed80f0f11dd113712fa110f118a0f970d580bd208f605d2029fff9afcbef9e4f625f4d5f125f0f1ee1ceec9ed1ceef1ee25f0d5f125f4e4f6bef99afc9fffd202f605d208580b970d8a0f0f11fa113712dd110f11d80f2b0e060c8b09da06fa03e700b9fd9ffac3f737f5fdf215f185ef62eec9edc8ed5dee87ef41f16df3e1f58bf872fb8ffeb301ba04a9077d0a030d020f7b108d1137124912a3116110bf0edf0cb30a14080f05e701ddfee9fbebf805f691f3adf119f0b4eec9edb4ed5dee66efadf067f2b9f477f75dfa5ffd8f00cd03cb066f09db0b180ee70f0e11a311d811a311ce10530f6b0d470be708370637030500cefcc9f917f7b9f496f2adf032ef5dee28ee5deef2ee19f0e9f125f491f635f934fc71ffa102a3058908470b990d530f9a10a3114c1237124c11e70f530e6f0cfb0915071704230119fef1faecf74df521f341f19fef5deeb7edc9ed73ee85effef0fdf283f557f846fb4dfe71018e0475071f0a930cbf0e7910a311381237129e117b10eb0e030dc90a3d086105470219ff06fc26f975f6faf3d5f128f0f1ee23eec9ed06eef1ee76f069f2a8f42ef70afa2efd6100660342061c09db0b2b0edb0f0f11e4113712e4110f11db0f2b0edb0b1c094206660361002efd0afa2ef7a8f469f276f0f1ee06eec9ed23eef1ee28f0d5f1faf375f626f906fc19ff470261053d08c90a030deb0e7b109e1137123812a3117910bf0e930c1f0a75078e0471014dfe46fb57f883f5fdf2fef085ef73eec9edb7ed5dee9fef41f121f34df5ecf7f1fa19fe230117041507fb096f0c530ee70f4c1137124c12a3119a10530f990d470b8908a305a10271ff34fc35f991f625f4e9f119f0f2ee5dee28ee5dee32efadf096f2b9f417f7c9f9cefc050037033706e708470b6b0d530fce10a311d811a3110e11e70f180edb0b6f09cb06cd038f005ffd5dfa77f7b9f467f2adf066ef5deeb4edc9edb4ee19f0adf191f305f6ebf8e9fbddfee7010f051408b30adf0cbf0e6110a311491237128d117b10020f030d7d0aa907ba04b3018ffe72fb8bf8e1f56df341f187ef5deec8edc9ed62ee85ef15f1fdf237f5c3f79ffab9fde700fa03da068b09060c2b0ed80f0f11dd113712fa110f118a0f970d580bd208f605d2029fff9afcbef9e4f625f4d5f125f0f1ee1ceec9ed1ceef1ee25f0d5f125f4e4f6bef99afc9fffd202f605d208580b970d8a0f0f11fa113712dd110f11d80f2b0e060c8b09da06fa03e700b9fd9ffac3f737f5fdf215f185ef62eec9edc8ed5dee87ef41f16df3e1f58bf872fb8ffeb301ba04a9077d0a030d020f7b108d1137124912a3116110bf0edf0cb30a14080f05e701ddfee9fbebf805f691f3adf119f0b4eec9edb4ed5dee66efadf067f2b9f477f75dfa5ffd8f00cd03cb066f09db0b180ee70f0e11a311d811a311ce10530f6b0d470be708370637030500cefcc9f917f7b9f496f2adf032ef5dee28ee5deef2ee19f0e9f125f491f635f934fc71ffa102a3058908470b990d530f9a10a3114c1237124c11e70f530e6f0cfb0915071704230119fef1faecf74df521f341f19fef5deeb7edc9ed73ee85effef0fdf283f557f846fb4dfe71018e0475071f0a930cbf0e7910a311381237129e117b10eb0e030dc90a3d086105470219ff06fc26f975f6faf3d5f128f0f1ee23eec9ed06eef1ee76f069f2a8f42ef70afa2efd6100660342061c09db0b2b0edb0f0f11e4113712e4110f11db0f2b0edb0b1c094206660361002efd0afa2ef7a8f469f276f0f1ee06eec9ed23eef1ee28f0d5f1faf375f626f906fc19ff470261053d08c90a030deb0e7b109e1137123812a3117910bf0e930c1f0a75078e0471014dfe46fb57f883f5fdf2fef085ef73eec9edb7ed5dee9fef41f121f34df5ecf7f1fa19fe230117041507fb096f0c530ee70f4c1137124c12a3119a10530f990d470b8908a305a10271ff34fc35f991f625f4e9f119f0f2ee5dee28ee5dee32efadf096f2b9f417f7c9f9cefc050037033706e708470b6b0d530fce10a311d811a3110e11e70f180edb0b6f09cb06cd038f005ffd5dfa77f7b9f467f2adf066ef5deeb4edc9edb4ee19f0adf191f305f6ebf8e9fbddfee7010f051408b30adf0cbf0e6110a311491237128d117b10020f030d7d0aa907ba04b3018ffe72fb8bf8e1f56df341f187ef5deec8edc9ed62ee85ef15f1fdf237f5c3f79ffab9fde700fa03da068b09060c2b0ed80f0f11dd113712fa110f118a0f970d580bd208f605d2029fff9afcbef9e4f625f4d5f125f0f1ee1ceec9ed1ceef1ee25f0d5f125f4e4f6bef99afc9fffd202f605d208580b970d8a0f0f11fa113712dd110f11d80f2b0e060c8b09da06fa03e700b9fd9ffac3f737f5fdf215f185ef62eec9edc8ed5dee87ef41f16df3e1f58bf872fb8ffeb301ba04a9077d0a030d020f7b108d1137124912a3116110bf0edf0cb30a14080f05e701ddfee9fbebf805f691f3adf119f0b4eec9edb4ed5dee66efadf067f2b9f477f75dfa5ffd8f00cd03cb066f09db0b180ee70f0e11a311d811a311ce10530f6b0d470be708370637030500cefcc9f917f7b9f496f2adf032ef5dee28ee5deef2ee19f0e9f125f491f635f934fc71ffa102a3058908470b990d530f9a10a3114c1237124c11e70f530e6f0cfb0915071704230119fef1faecf74df521f341f19fef5deeb7edc9ed73ee85effef0fdf283f557f846fb4dfe71018e0475071f0a930cbf0e7910a311381237129e117b10eb0e030dc90a3d086105470219ff06fc26f975f6faf3d5f128f0f1ee23eec9ed06eef1ee76f069f2a8f42ef70afa2efd6100660342061c09db0b2b0edb0f0f11e4113712e4110f11db0f2b0edb0b1c094206660361002efd0afa2ef7a8f469f276f0f1ee06eec9ed23eef1ee28f0d5f1faf375f626f906fc19ff470261053d08c90a030deb0e7b109e1137123812a3117910bf0e930c1f0a75078e0471014dfe46fb57f883f5fdf2fef085ef73eec9edb7ed5dee9fef41f121f34df5ecf7f1fa19fe230117041507fb096f0c530ee70f4c1137124c12a3119a10530f990d470b8908a305a10271ff34fc35f991f625f4e9f119f0f2ee5dee28ee5dee32efadf096f2b9f417f7c9f9cefc050037033706e708470b6b0d530fce10a311d811a3110e11e70f180edb0b6f09cb06cd038f005ffd5dfa77f7b9f467f2adf066ef5deeb4edc9edb4ee19f0adf191f305f6ebf8e9fbddfee7010f051408b30adf0cbf0e6110a311491237128d117b10020f030d7d0aa907ba04b3018ffe72fb8bf8e1f56df341f187ef5deec8edc9ed62ee85ef15f1fdf237f5c3f79ffab9fde700fa03da068b09060c2b0ed80f0f11dd113712fa110f118a0f970d580bd208f605d2029fff9afcbef9e4f625f4d5f125f0f1ee1ceec9ed1ceef1ee25f0d5f125f4e4f6bef99afc9fffd202f605d208580b970d8a0f0f11fa113712dd110f11d80f2b0e060c8b09da06fa03e700b9fd9ffac3f737f5fdf215f185ef62eec9edc8ed5dee87ef41f16df3e1f58bf872fb8ffeb301ba04a9077d0a030d020f7b108d1137124912a3116110bf0edf0cb30a14080f05e701ddfee9fbebf805f691f3adf119f0b4eec9edb4ed5dee66efadf067f2b9f477f75dfa5ffd8f00cd03cb066f09db0b180ee70f0e11a311d811a311ce10530f6b0d470be708370637030500cefcc9f917f7b9f496f2adf032ef5dee28ee5deef2ee19f0e9f125f491f635f934fc71ffa102a3058908470b990d530f9a10a3114c1237124c11e70f530e6f0cfb0915071704230119fef1faecf74df521f341f19fef5deeb7edc9ed73ee85effef0fdf283f557f846fb4dfe71018e0475071f0a930cbf0e7910a311381237129e117b10eb0e030dc90a3d086105470219ff06fc26f975f6faf3d5f128f0f1ee23eec9ed06eef1ee76f069f2a8f42ef70afa2efd6100660342061c09db0b2b0edb0f0f11e4113712e4110f11db0f2b0edb0b1c094206660361002efd0afa2ef7a8f469f276f0f1ee06eec9ed23eef1ee28f0d5f1faf375f626f906fc19ff470261053d08c90a030deb0e7b109e1137123812a3117910bf0e930c1f0a75078e0471014dfe46fb57f883f5fdf2fef085ef73eec9edb7ed5dee9fef41f121f34df5ecf7f1fa19fe230117041507fb096f0c530ee70f4c1137124c12a3119a10530f990d470b8908a305a10271ff34fc35f991f625f4e9f119f0f2ee5dee28ee5dee32efadf096f2b9f417f7c9f9cefc050037033706e708470b6b0d530fce10a311d811a3110e11e70f180edb0b6f09cb06cd038f005ffd5dfa77f7b9f467f2adf066ef5deeb4edc9edb4ee19f0adf191f305f6ebf8e9fbddfee7010f051408b30adf0cbf0e6110a311491237128d117b10020f030d7d0aa907ba04b3018ffe72fb8bf8e1f56df341f187ef5deec8edc9ed62ee85ef15f1fdf237f5c3f79ffab9fde700fa03da068b09060c2b0ed80f0f11dd113712fa110f118a0f970d580bd208f605d2029fff9afcbef9e4f625f4d5f125f0f1ee1ceec9ed1ceef1ee25f0d5f125f4e4f6bef99afc9fffd202f605d208580b970d8a0f0f11fa113712dd110f11d80f2b0e060c8b09da06fa03e700b9fd9ffac3f737f5fdf215f185ef62eec9edc8ed5dee87ef41f16df3e1f58bf872fb8ffeb301ba04a9077d0a030d020f7b108d1137124912a3116110bf0edf0cb30a14080f05e701ddfee9fbebf805f691f3adf119f0b4eec9edb4ed5dee66efadf067f2b9f477f75dfa5ffd8f00cd03cb066f09db0b180ee70f0e11a311d811a311ce10530f6b0d470be708370637030500cefcc9f917f7b9f496f2adf032ef5dee28ee5deef2ee19f0e9f125f491f635f934fc71ffa102a3058908470b990d530f9a10a3114c1237124c11e70f530e6f0cfb0915071704230119fef1faecf74df521f341f19fef5deeb7edc9ed73ee85effef0fdf283f557f846fb4dfe71018e0475071f0a930cbf0e7910a311381237129e117b10eb0e030dc90a3d086105470219ff06fc26f975f6faf3d5f128f0f1ee23eec9ed06eef1ee76f069f2a8f42ef70afa2efd6100660342061c09db0b2b0edb0f0f11e4113712e4110f11db0f2b0edb0b1c094206660361002efd0afa2ef7a8f469f276f0f1ee06eec9ed23eef1ee28f0d5f1faf375f626f906fc19ff470261053d08c90a030deb0e7b109e1137123812a3117910bf0e930c1f0a75078e0471014dfe46fb57f883f5fdf2fef085ef73eec9edb7ed5dee9fef41f121f34df5ecf7f1fa19fe230117041507fb096f0c530ee70f4c1137124c12a3119a10530f990d470b8908a305a10271ff34fc35f991f625f4e9f119f0f2ee5dee28ee5dee32efadf096f2b9f417f7c9f9cefc050037033706e708470b6b0d530fce10a311d811a3110e11e70f180edb0b6f09cb06cd038f005ffd5dfa77f7b9f467f2adf066ef5deeb4edc9edb4ee19f0adf191f305f6ebf8e9fbddfee7010f051408b30adf0cbf0e6110a311491237128d117b10020f030d7d0aa907ba04b3018ffe72fb8bf8e1f56df341f187ef5deec8edc9ed62ee85ef15f1fdf237f5c3f79ffab9fde700fa03da068b09060c2b0ed80f0f11dd113712fa110f118a0f970d580bd208f605d2029fff9afcbef9e4f625f4d5f125f0f1ee1ceec9ed1ceef1ee25f0d5f125f4e4f6bef99afc9fffd202f605d208580b970d8a0f0f11fa113712dd110f11d80f2b0e060c8b09da06fa03e700b9fd9ffac3f737f5fdf215f185ef62eec9edc8ed5dee87ef41f16df3e1f58bf872fb8ffeb301ba04a9077d0a030d020f7b108d1137124912a3116110bf0edf0cb30a14080f05e701ddfee9fbebf805f691f3adf119f0b4eec9edb4ed5dee66efadf067f2b9f477f75dfa5ffd8f00cd03cb066f09db0b180ee70f0e11a311d811a311ce10530f6b0d470be708370637030500cefcc9f917f7b9f496f2adf032ef5dee28ee5deef2ee19f0e9f125f491f635f934fc71ffa102a3058908470b990d530f9a10a3114c1237124c11e70f530e6f0cfb0915071704230119fef1faecf74df521f341f19fef5deeb7edc9ed73ee85effef0fdf283f557f846fb4dfe71018e0475071f0a930cbf0e7910a311381237129e117b10eb0e030dc90a3d086105470219ff06fc26f975f6faf3d5f128f0f1ee23eec9ed06eef1ee76f069f2a8f42ef70afa2efd6100660342061c09db0b2b0edb0f0f11e4113712e4110f11db0f2b0edb0b1c094206660361002efd0afa2ef7a8f469f276f0f1ee06eec9ed23eef1ee28f0d5f1faf375f626f906fc19ff470261053d08c90a030deb0e7b109e1137123812a3117910bf0e930c1f0a75078e0471014dfe46fb57f883f5fdf2fef085ef73eec9edb7ed5dee9fef41f121f34df5ecf7f1fa19fe230117041507fb096f0c530ee70f4c1137124c12a3119a10530f990d470b8908a305a10271ff34fc35f991f625f4e9f119f0f2ee5dee28ee5dee32efadf096f2b9f417f7c9f9cefc050037033706e708470b6b0d530fce10a311d811a3110e11e70f180edb0b6f09cb06cd038f005ffd5dfa77f7b9f467f2adf066ef5deeb4edc9edb4ee19f0adf191f305f6ebf8e9fbddfee7010f051408b30adf0cbf0e6110a311491237128d117b10020f030d7d0aa907ba04b3018ffe72fb8bf8e1f56df341f187ef5deec8edc9ed62ee85ef15f1fdf237f5c3f79ffab9fde700fa03da068b09060c2b0ed80f0f11dd113712fa110f118a0f970d580bd208f605d2029fff9afcbef9e4f625f4d5f125f0f1ee1ceec9ed1ceef1ee25f0d5f125f4e4f6bef99afc9fffd202f605d208580b970d8a0f0f11fa113712dd110f11d80f2b0e060c8b09da06fa03e700b9fd9ffac3f737f5fdf215f185ef62eec9edc8ed5dee87ef41f16df3e1f58bf872fb8ffeb301ba04a9077d0a030d020f7b108d1137124912a3116110bf0edf0cb30a14080f05e701ddfee9fbebf805f691f3adf119f0b4eec9edb4ed5dee66efadf067f2b9f477f75dfa5ffd8f00cd03cb066f09db0b180ee70f0e11a311d811a311ce10530f6b0d470be708370637030500cefcc9f917f7b9f496f2adf032ef5dee28ee5deef2ee19f0e9f125f491f635f934fc71ffa102a3058908470b990d530f9a10a3114c1237124c11e70f530e6f0cfb0915071704230119fef1faecf74df521f341f19fef5deeb7edc9ed73ee85effef0fdf283f557f846fb4dfe71018e0475071f0a930cbf0e7910a311381237129e117b10eb0e030dc90a3d086105470219ff06fc26f975f6faf3d5f128f0f1ee23eec9ed06eef1ee76f069f2a8f42ef70afa2efd6100660342061c09db0b2b0edb0f0f11e4113712e4110f11db0f2b0edb0b1c094206660361002efd0afa2ef7a8f469f276f0f1ee06eec9ed23eef1ee28f0d5f1faf375f626f906fc19ff470261053d08c90a030deb0e7b109e1137123812a3117910bf0e930c1f0a75078e0471014dfe46fb57f883f5fdf2fef085ef73eec9edb7ed5dee9fef41f121f34df5ecf7f1fa19fe230117041507fb096f0c530ee70f4c1137124c12a3119a10530f990d470b8908a305a10271ff34fc35f991f625f4e9f119f0f2ee5dee28ee5dee32efadf096f2b9f417f7c9f9cefc050037033706e708470b6b0d530fce10a311d811a3110e11e70f180edb0b6f09cb06cd038f005ffd5dfa77f7b9f467f2adf066ef5deeb4edc9edb4ee19f0adf191f305f6ebf8e9fbddfee7010f051408b30adf0cbf0e6110a311491237128d117b10020f030d7d0aa907ba04b3018ffe72fb8bf8e1f56df341f187ef5deec8edc9ed62ee85ef15f1fdf237f5c3f79ffab9fde700fa03da068b09060c2b0ed80f0f11dd113712fa110f118a0f970d580bd208f605d2029fff9afcbef9e4f625f4d5f125f0f1ee1ceec9ed1ceef1ee25f0d5f125f4e4f6bef99afc9fffd202f605d208580b970d8a0f0f11fa113712dd110f11d80f2b0e060c8b09da06fa03e700b9fd9ffac3f737f5fdf215f185ef62eec9edc8ed5dee87ef41f16df3e1f58bf872fb8ffeb301ba04a9077d0a030d020f7b108d1137124912a3116110bf0edf0cb30a14080f05e701ddfee9fbebf805f691f3adf119f0b4eec9edb4ed5dee66efadf067f2b9f477f75dfa5ffd8f00cd03cb066f09db0b180ee70f0e11a311d811a311ce10530f6b0d470be708370637030500cefcc9f917f7b9f496f2adf032ef5dee28ee5deef2ee19f0e9f125f491f635f934fc71ffa102a3058908470b990d530f9a10a3114c1237124c11e70f530e6f0cfb0915071704230119fef1faecf74df521f341f19fef5deeb7edc9ed73ee85effef0fdf283f557f846fb4dfe71018e0475071f0a930cbf0e7910a311381237129e117b10eb0e030dc90a3d086105470219ff06fc26f975f6faf3d5f128f0f1ee23eec9ed06eef1ee76f069f2a8f42ef70afa2efd6100660342061c09db0b2b0edb0f0f11e4113712e4110f11db0f2b0edb0b1c094206660361002efd0afa2ef7a8f469f276f0f1ee06eec9ed23eef1ee28f0d5f1faf375f626f906fc19ff470261053d08c90a030deb0e7b109e1137123812a3117910bf0e930c1f0a75078e0471014dfe46fb57f883f5fdf2fef085ef73eec9edb7ed5dee9fef41f121f34df5ecf7f1fa19fe230117041507fb096f0c530ee70f4c1137124c12a3119a10530f990d470b8908a305a10271ff34fc35f991f625f4e9f119f0f2ee5dee28ee5dee32efadf096f2b9f417f7c9f9cefc050037033706e708470b6b0d530fce10a311d811a3110e11e70f180edb0b6f09cb06cd038f005ffd5dfa77f7b9f467f2adf066ef5deeb4edc9edb4ee19f0adf191f305f6ebf8e9fbddfee7010f051408b30adf0cbf0e6110a311491237128d117b10020f030d7d0aa907ba04b3018ffe72fb8bf8e1f56df341f187ef5deec8edc9ed62ee85ef15f1fdf237f5c3f79ffab9fde700fa03da068b09060c2b0ed80f0f11dd113712fa110f118a0f970d580bd208f605d2029fff9afcbef9e4f625f4d5f125f0f1ee1ceec9ed1ceef1ee25f0d5f125f4e4f6bef99afc9fffd202f605d208580b970d8a0f0f11fa113712dd110f11d80f2b0e060c8b09da06fa03e700b9fd9ffac3f737f5fdf215f185ef62eec9edc8ed5dee87ef41f16df3e1f58bf872fb8ffeb301ba04a9077d0a030d020f7b108d1137124912a3116110bf0edf0cb30a14080f05e701ddfee9fbebf805f691f3adf119f0b4eec9edb4ed5dee66efadf067f2b9f477f75dfa5ffd8f00cd03cb066f09db0b180ee70f0e11a311d811a311ce10530f6b0d470be708370637030500cefcc9f917f7b9f496f2adf032ef5dee28ee5deef2ee19f0e9f125f491f635f934fc71ffa102a3058908470b990d530f9a10a3114c1237124c11e70f530e6f0cfb0915071704230119fef1faecf74df521f341f19fef5deeb7edc9ed73ee85effef0fdf283f557f846fb4dfe71018e0475071f0a930cbf0e7910a311381237129e117b10eb0e030dc90a3d086105470219ff06fc26f975f6faf3d5f128f0f1ee23eec9ed06eef1ee76f069f2a8f42ef70afa2efd6100660342061c09db0b2b0edb0f0f11e4113712e4110f11db0f2b0edb0b1c094206660361002efd0afa2ef7a8f469f276f0f1ee06eec9ed23eef1ee28f0d5f1faf375f626f906fc19ff470261053d08c90a030deb0e7b109e1137123812a3117910bf0e930c1f0a75078e0471014dfe46fb57f883f5fdf2fef085ef73eec9edb7ed5dee9fef41f121f34df5ecf7f1fa19fe230117041507fb096f0c530ee70f4c1137124c12a3119a10530f990d470b8908a305a10271ff34fc35f991f625f4e9f119f0f2ee5dee28ee5dee32efadf096f2b9f417f7c9f9cefc050037033706e708470b6b0d530fce10a311d811a3110e11e70f180edb0b6f09cb06cd038f005ffd5dfa77f7b9f467f2adf066ef5deeb4edc9edb4ee19f0adf191f305f6ebf8e9fbddfee7010f051408b30adf0cbf0e6110a311491237128d117b10020f030d7d0aa907ba04b3018ffe72fb8bf8e1f56df341f187ef5deec8edc9ed62ee85ef15f1fdf237f5c3f79ffab9fde700fa03da068b09060c2b0ed80f0f11dd113712fa110f118a0f970d580bd208f605d2029fff9afcbef9e4f625f4d5f125f0f1ee1ceec9ed1ceef1ee25f0d5f125f4e4f6bef99afc9fffd202f605d208580b970d8a0f0f11fa113712dd110f11d80f2b0e060c8b09da06fa03e700b9fd9ffac3f737f5fdf215f185ef62eec9edc8ed5dee87ef41f16df3e1f58bf872fb8ffeb301ba04a9077d0a030d020f7b108d1137124912a3116110bf0edf0cb30a14080f05e701ddfee9fbebf805f691f3adf119f0b4eec9edb4ed5dee66efadf067f2b9f477f75dfa5ffd8f00cd03cb066f09db0b180ee70f0e11a311d811a311ce10530f6b0d470be708370637030500cefcc9f917f7b9f496f2adf032ef5dee28ee5deef2ee19f0e9f125f491f635f934fc71ffa102a3058908470b990d530f9a10a3114c1237124c11e70f530e6f0cfb0915071704230119fef1faecf74df521f341f19fef5deeb7edc9ed73ee85effef0fdf283f557f846fb4dfe71018e0475071f0a930cbf0e7910a311381237129e117b10eb0e030dc90a3d086105470219ff06fc26f975f6faf3d5f128f0f1ee23eec9ed06eef1ee76f069f2a8f42ef70afa2efd6100660342061c09db0b2b0edb0f0f11e4113712e4110f11db0f2b0edb0b1c094206660361002efd0afa2ef7a8f469f276f0f1ee06eec9ed23eef1ee28f0d5f1faf375f626f906fc19ff470261053d08c90a030deb0e7b109e1137123812a3117910bf0e930c1f0a75078e0471014dfe46fb57f883f5fdf2fef085ef73eec9edb7ed5dee9fef41f121f34df5ecf7f1fa19fe230117041507fb096f0c530ee70f4c1137124c12a3119a10530f990d470b8908a305a10271ff34fc35f991f625f4e9f119f0f2ee5dee28ee5dee32efadf096f2b9f417f7c9f9cefc050037033706e708470b6b0d530fce10a311d811a3110e11e70f180edb0b6f09cb06cd038f005ffd5dfa77f7b9f467f2adf066ef5deeb4edc9edb4ee19f0adf191f305f6ebf8e9fbddfee7010f051408b30adf0cbf0e6110a311491237128d117b10020f030d7d0aa907ba04b3018ffe72fb8bf8e1f56df341f187ef5deec8edc9ed62ee85ef15f1fdf237f5c3f79ffab9fde700fa03da068b09060c2b0ed80f0f11dd113712fa110f118a0f970d580bd208f605d2029fff9afcbef9e4f625f4d5f125f0f1ee1ceec9ed1ceef1ee25f0d5f125f4e4f6bef99afc9fffd202f605d208580b970d8a0f0f11fa113712dd110f11d80f2b0e060c8b09da06fa03e700b9fd9ffac3f737f5fdf215f185ef62eec9edc8ed5dee87ef41f16df3e1f58bf872fb8ffeb301ba04a9077d0a030d020f7b108d1137124912a3116110bf0edf0cb30a14080f05e701ddfee9fbebf805f691f3adf119f0b4eec9edb4ed5dee66efadf067f2b9f477f75dfa5ffd8f00cd03cb066f09db0b180ee70f0e11a311d811a311ce10530f6b0d470be708370637030500cefcc9f917f7b9f496f2adf032ef5dee28ee5deef2ee19f0e9f125f491f635f934fc71ffa102a3058908470b990d530f9a10a3114c1237124c11e70f530e6f0cfb0915071704230119fef1faecf74df521f341f19fef5deeb7edc9ed73ee85effef0fdf283f557f846fb4dfe71018e0475071f0a930cbf0e7910a311381237129e117b10eb0e030dc90a3d086105470219ff06fc26f975f6faf3d5f128f0f1ee23eec9ed06eef1ee76f069f2a8f42ef70afa2efd6100660342061c09db0b2b0edb0f0f11e4113712e4110f11db0f2b0edb0b1c094206660361002efd0afa2ef7a8f469f276f0f1ee06eec9ed23eef1ee28f0d5f1faf375f626f906fc19ff470261053d08c90a030deb0e7b109e1137123812a3117910bf0e930c1f0a75078e0471014dfe46fb57f883f5fdf2fef085ef73eec9edb7ed5dee9fef41f121f34df5ecf7f1fa19fe230117041507fb096f0c530ee70f4c1137124c12a3119a10530f990d470b8908a305a10271ff34fc35f991f625f4e9f119f0f2ee5dee28ee5dee32efadf096f2b9f417f7c9f9cefc050037033706e708470b6b0d530fce10a311d811a3110e11e70f180edb0b6f09cb06cd038f005ffd5dfa77f7b9f467f2adf066ef5deeb4edc9edb4ee19f0adf191f305f6ebf8e9fbddfee7010f051408b30adf0cbf0e6110a311491237128d117b10020f030d7d0aa907ba04b3018ffe72fb8bf8e1f56df341f187ef5deec8edc9ed62ee85ef15f1fdf237f5c3f79ffab9fde700fa03da068b09060c2b0ed80f0f11dd113712fa110f118a0f970d580bd208f605d2029fff9afcbef9e4f625f4d5f125f0f1ee1ceec9ed1ceef1ee25f0d5f125f4e4f6bef99afc9fffd202f605d208580b970d8a0f0f11fa113712dd110f11d80f2b0e060c8b09da06fa03e700b9fd9ffac3f737f5fdf215f185ef62eec9edc8ed5dee87ef41f16df3e1f58bf872fb8ffeb301ba04a9077d0a030d020f7b108d1137124912a3116110bf0edf0cb30a14080f05e701ddfee9fbebf805f691f3adf119f0b4eec9edb4ed5dee66efadf067f2b9f477f75dfa5ffd8f00cd03cb066f09db0b180ee70f0e11a311d811a311ce10530f6b0d470be708370637030500cefcc9f917f7b9f496f2adf032ef5dee28ee5deef2ee19f0e9f125f491f635f934fc71ffa102a3058908470b990d530f9a10a3114c1237124c11e70f530e6f0cfb0915071704230119fef1faecf74df521f341f19fef5deeb7edc9ed73ee85effef0fdf283f557f846fb4dfe71018e0475071f0a930cbf0e7910a311381237129e117b10eb0e030dc90a3d086105470219ff06fc26f975f6faf3d5f128f0f1ee23eec9ed06eef1ee76f069f2a8f42ef70afa2efd6100660342061c09db0b2b0edb0f0f11e4113712e4110f11db0f2b0edb0b1c094206660361002efd0afa2ef7a8f469f276f0f1ee06eec9ed23eef1ee28f0d5f1faf375f626f906fc19ff470261053d08c90a030deb0e7b109e1137123812a3117910bf0e930c1f0a75078e0471014dfe46fb57f883f5fdf2fef085ef73eec9edb7ed5dee9fef41f121f34df5ecf7f1fa19fe230117041507fb096f0c530ee70f4c1137124c12a3119a10530f990d470b8908a305a10271ff34fc35f991f625f4e9f119f0f2ee5dee28ee5dee32efadf096f2b9f417f7c9f9cefc050037033706e708470b6b0d530fce10a311d811a3110e11e70f180edb0b6f09cb06cd038f005ffd5dfa77f7b9f467f2adf066ef5deeb4edc9edb4ee19f0adf191f305f6ebf8e9fbddfee7010f051408b30adf0cbf0e6110a311491237128d117b10020f030d7d0aa907ba04b3018ffe72fb8bf8e1f56df341f187ef5deec8edc9ed62ee85ef15f1fdf237f5c3f79ffab9fde700fa03da068b09060c2b0ed80f0f11dd113712fa110f118a0f970d580bd208f605d2029fff9afcbef9e4f625f4d5f125f0f1ee1ceec9ed1ceef1ee25f0d5f125f4e4f6bef99afc9fffd202f605d208580b970d8a0f0f11fa113712dd110f11d80f2b0e060c8b09da06fa03e700b9fd9ffac3f737f5fdf215f185ef62eec9edc8ed5dee87ef41f16df3e1f58bf872fb8ffeb301ba04a9077d0a030d020f7b108d1137124912a3116110bf0edf0cb30a14080f05e701ddfee9fbebf805f691f3adf119f0b4eec9edb4ed5dee66efadf067f2b9f477f75dfa5ffd8f00cd03cb066f09db0b180ee70f0e11a311d811a311ce10530f6b0d470be708370637030500cefcc9f917f7b9f496f2adf032ef5dee28ee5deef2ee19f0e9f125f491f635f934fc71ffa102a3058908470b990d530f9a10a3114c1237124c11e70f530e6f0cfb0915071704230119fef1faecf74df521f341f19fef5deeb7edc9ed73ee85effef0fdf283f557f846fb4dfe71018e0475071f0a930cbf0e7910a311381237129e117b10eb0e030dc90a3d086105470219ff06fc26f975f6faf3d5f128f0f1ee23eec9ed06eef1ee76f069f2a8f42ef70afa2efd6100660342061c09db0b2b0edb0f0f11e4113712e4110f11db0f2b0edb0b1c094206660361002efd0afa2ef7a8f469f276f0f1ee06eec9ed23eef1ee28f0d5f1faf375f626f906fc19ff470261053d08c90a030deb0e7b109e1137123812a3117910bf0e930c1f0a75078e0471014dfe46fb57f883f5fdf2fef085ef73eec9edb7ed5dee9fef41f121f34df5ecf7f1fa19fe230117041507fb096f0c530ee70f4c1137124d12a3119810530f9b0d470b8608a305a50271ff2efc35f999f625f4dcf119f004ef5dee0cee5dee61efadf01bf225f417f75dfa4bfd0500080337060309470b580d530fda10a311d011a3111411e70f140edb0b7209cb06cb038f0060fd5dfa77f7b9f467f2adf066ef5deeb4edc9edb4ee19f0adf191f305f6ebf8e9fbddfee7010f051408b30adf0cbf0e6110a311491237128d117b10020f030d7d0aa907ba04b3018ffe72fb8bf8e1f56df341f187ef5deec8edc9ed62ee85ef15f1fdf237f5c3f79ffab9fde700fa03da068b09060c2b0ed80f0f11dd113712fa110f118a0f970d580bd208f605d2029fff9afcbef9e4f625f4d5f125f0f1ee1ceec9ed1ceef1ee25f0d5f125f4e4f6bef99afc9fffd202f605d208580b970d8a0f0f11fa113712dd110f11d80f2b0e060c8b09da06fa03e700b9fd9ffac3f737f5fdf215f185ef62eec9edc8ed5dee87ef41f16df3e1f58bf872fb8ffeb301ba04a9077d0a030d020f7b108d1137124912a3116110bf0edf0cb30a14080f05e701ddfee9fbebf805f691f3adf119f0b4eec9edb4ed5dee66efadf067f2b9f477f75dfa5ffd8f00cd03cb066f09db0b180ee70f0e11a311d811a311ce10530f6b0d470be708370637030500cefcc9f917f7b9f496f2adf032ef5dee28ee5deef2ee19f0e9f125f491f635f934fc71ffa102a3058908470b990d530f9a10a3114c1237124c11e70f530e6f0cfb0915071704230119fef1faecf74df521f341f19fef5deeb7edc9ed73ee85effef0fdf283f557f846fb4dfe71018e0475071f0a930cbf0e7910a311381237129e117b10eb0e030dc90a3d086105470219ff06fc26f975f6faf3d5f128f0f1ee23eec9ed06eef1ee76f069f2a8f42ef70afa2efd6100660342061c09db0b2b0edb0f0f11e4113712e4110f11db0f2b0edb0b1c094206660361002efd0afa2ef7a8f469f276f0f1ee06eec9ed23eef1ee28f0d5f1faf375f626f906fc19ff470261053d08c90a030deb0e7b109e1137123812a3117910bf0e930c1f0a75078e0471014dfe46fb57f883f5fdf2fef085ef73eec9edb7ed5dee9fef41f121f34df5ecf7f1fa19fe230117041507fb096f0c530ee70f4c1137124c12a3119a10530f990d470b8908a305a10271ff34fc35f991f625f4e9f119f0f2ee5dee28ee5dee32efadf096f2b9f417f7c9f9cefc050037033706e708470b6b0d530fce10a311d811a3110e11e70f180edb0b6f09cb06cd038f005ffd5dfa77f7b9f467f2adf066ef5deeb4edc9edb4ee19f0adf191f305f6ebf8e9fbddfee7010f051408b30adf0cbf0e6110a311491237128d117b10020f030d7d0aa907ba04b3018ffe72fb8bf8e1f56df341f187ef5deec8edc9ed62ee85ef15f1fdf237f5c3f79ffab9fde700fa03da068b09060c2b0ed80f0f11dd113712fa110f118a0f970d580bd208f605d2029fff9afcbef9e4f625f4d5f125f0f1ee1ceec9ed1ceef1ee25f0d5f125f4e4f6bef99afc9fffd202f605d208580b970d8a0f0f11fa113712dd110f11d80f2b0e060c8b09da06fa03e700b9fd9ffac3f737f5fdf215f185ef62eec9edc8ed5dee87ef41f16df3e1f58bf872fb8ffeb301ba04a9077d0a030d020f7b108d1137124912a3116110bf0edf0cb30a14080f05e701ddfee9fbebf805f691f3adf119f0b4eec9edb4ed5dee66efadf067f2b9f477f75dfa5ffd8f00cd03cb066f09db0b180ee70f0e11a311d811a311ce10530f6b0d470be708370637030500cefcc9f917f7b9f496f2adf032ef5dee28ee5deef2ee19f0e9f125f491f635f934fc71ffa102a3058908470b990d530f9a10a3114c1237124c11e70f530e6f0cfb0915071704230119fef1faecf74df521f341f19fef5deeb7edc9ed73ee85effef0fdf283f557f846fb4dfe71018e0475071f0a930cbf0e7910a311381237129e117b10eb0e030dc90a3d086105470219ff06fc26f975f6faf3d5f128f0f1ee23eec9ed06eef1ee76f069f2a8f42ef70afa2efd6100660342061c09db0b2b0edb0f0f11e4113712e4110f11db0f2b0edb0b1c094206660361002efd0afa2ef7a8f469f276f0f1ee06eec9ed23eef1ee28f0d5f1faf375f626f906fc19ff470261053d08c90a030deb0e7b109e1137123812a3117910bf0e930c1f0a75078e0471014dfe46fb57f883f5fdf2fef085ef73eec9edb7ed5dee9fef41f121f34df5ecf7f1fa19fe230117041507fb096f0c530ee70f4c1137124c12a3119a10530f990d470b8908a305a10271ff34fc35f991f625f4e9f119f0f2ee5dee28ee5dee32efadf096f2b9f417f7c9f9cefc050037033706e708470b6b0d530fce10a311d811a3110e11e70f180edb0b6f09cb06cd038f005ffd5dfa77f7b9f467f2adf066ef5deeb4edc9edb4ee19f0adf191f305f6ebf8e9fbddfee7010f051408b30adf0cbf0e6110a311491237128d117b10020f030d7d0aa907ba04b3018ffe72fb8bf8e1f56df341f187ef5deec8edc9ed62ee85ef15f1fdf237f5c3f79ffab9fde700fa03da068b09060c2b0ed80f0f11dd113712fa110f118a0f970d580bd208f605d2029fff9afcbef9e4f625f4d5f125f0f1ee1ceec9ed1ceef1ee25f0d5f125f4e4f6bef99afc9fffd202f605d208580b970d8a0f0f11fa113712dd110f11d80f2b0e060c8b09da06fa03e700b9fd9ffac3f737f5fdf215f185ef62eec9edc8ed5dee87ef41f16df3e1f58bf872fb8ffeb301ba04a9077d0a030d020f7b108d1137124912a3116110bf0edf0cb30a14080f05e701ddfee9fbebf805f691f3adf119f0b4eec9edb4ed5dee66efadf067f2b9f477f75dfa5ffd8f00cd03cb066f09db0b180ee70f0e11a311d811a311ce10530f6b0d470be708370637030500cefcc9f917f7b9f496f2adf032ef5dee28ee5deef2ee19f0e9f125f491f635f934fc71ffa102a3058908470b990d530f9a10a3114c1237124c11e70f530e6f0cfb0915071704230119fef1faecf74df521f341f19fef5deeb7edc9ed73ee85effef0fdf283f557f846fb4dfe71018e0475071f0a930cbf0e7910a311381237129e117b10eb0e030dc90a3d086105470219ff06fc26f975f6faf3d5f128f0f1ee23eec9ed06eef1ee76f069f2a8f42ef70afa2efd6100660342061c09db0b2b0edb0f0f11e4113712e4110f11db0f2b0edb0b1c094206660361002efd0afa2ef7a8f469f276f0f1ee06eec9ed23eef1ee28f0d5f1faf375f626f906fc19ff470261053d08c90a030deb0e7b109e1137123812a3117910bf0e930c1f0a75078e0471014dfe46fb57f883f5fdf2fef085ef73eec9edb7ed5dee9fef41f121f34df5ecf7f1fa19fe230117041507fb096f0c530ee70f4c1137124c12a3119a10530f990d470b8908a305a10271ff34fc35f991f625f4e9f119f0f2ee5dee28ee5dee32efadf096f2b9f417f7c9f9cefc050037033706e708470b6b0d530fce10a311d811a3110e11e70f180edb0b6f09cb06cd038f005ffd5dfa77f7b9f467f2adf066ef5deeb4edc9edb4ee19f0adf191f305f6ebf8e9fbddfee7010f051408b30adf0cbf0e6110a311491237128d117b10020f030d7d0aa907ba04b3018ffe72fb8bf8e1f56df341f187ef5deec8edc9ed62ee85ef15f1fdf237f5c3f79ffab9fde700fa03da068b09060c2b0ed80f0f11dd113712fa110f118a0f970d580bd208f605d2029fff9afcbef9e4f625f4d5f125f0f1ee1ceec9ed1ceef1ee25f0d5f125f4e4f6bef99afc9fffd202f605d208580b970d8a0f0f11fa113712dd110f11d80f2b0e060c8b09da06fa03e700b9fd9ffac3f737f5fdf215f185ef62eec9edc8ed5dee87ef41f16df3e1f58bf872fb8ffeb301ba04a9077d0a030d020f7b108d1137124912a3116110bf0edf0cb30a14080f05e701ddfee9fbebf805f691f3adf119f0b4eec9edb4ed5dee66efadf067f2b9f477f75dfa5ffd8f00cd03cb066f09db0b180ee70f0e11a311d811a311ce10530f6b0d470be708370637030500cefcc9f917f7b9f496f2adf032ef5dee28ee5deef2ee19f0e9f125f491f635f934fc71ffa102a3058908470b990d530f9a10a3114c1237124c11e70f530e6f0cfb0915071704230119fef1faecf74df521f341f19fef5deeb7edc9ed73ee85effef0fdf283f557f846fb4dfe71018e0475071f0a930cbf0e7910a311381237129e117b10eb0e030dc90a3d086105470219ff06fc26f975f6faf3d5f128f0f1ee23eec9ed06eef1ee76f069f2a8f42ef70afa2efd6100660342061c09db0b2b0edb0f0f11e4113712e4110f11db0f2b0edb0b1c094206660361002efd0afa2ef7a8f469f276f0f1ee06eec9ed23eef1ee28f0d5f1faf375f626f906fc19ff470261053d08c90a030deb0e7b109e1137123812a3117910bf0e930c1f0a75078e0471014dfe46fb57f883f5fdf2fef085ef73eec9edb7ed5dee9fef41f121f34df5ecf7f1fa19fe230117041507fb096f0c530ee70f4c1137124c12a3119a10530f990d470b8908a305a10271ff34fc35f991f625f4e9f119f0f2ee5dee28ee5dee32efadf096f2b9f417f7c9f9cefc050037033706e708470b6b0d530fce10a311d811a3110e11e70f180edb0b6f09cb06cd038f005ffd5dfa77f7b9f467f2adf066ef5deeb4edc9edb4ee19f0adf191f305f6ebf8e9fbddfee7010f051408b30adf0cbf0e6110a311491237128d117b10020f030d7d0aa907ba04b3018ffe72fb8bf8e1f56df341f187ef5deec8edc9ed62ee85ef15f1fdf237f5c3f79ffab9fde700fa03da068b09060c2b0ed80f0f11dd113712fa110f118a0f970d580bd208f605d2029fff9afcbef9e4f625f4d5f125f0f1ee1ceec9ed1ceef1ee25f0d5f125f4e4f6bef99afc9fffd202f605d208580b970d8a0f0f11fa113712dd110f11d80f2b0e060c8b09da06fa03e700b9fd9ffac3f737f5fdf215f185ef62eec9edc8ed5dee87ef41f16df3e1f58bf872fb8ffeb301ba04a9077d0a030d020f7b108d1137124912a3116110bf0edf0cb30a14080f05e701ddfee9fbebf805f691f3adf119f0b4eec9edb4ed5dee66efadf067f2b9f477f75dfa5ffd8f00cd03cb066f09db0b180ee70f0e11a311d811a311ce10530f6b0d470be708370637030500cefcc9f917f7b9f496f2adf032ef5dee28ee5deef2ee19f0e9f125f491f635f934fc71ffa102a3058908470b990d530f9a10a3114c1237124c11e70f530e6f0cfb0915071704230119fef1faecf74df521f341f19fef5deeb7edc9ed73ee85effef0fdf283f557f846fb4dfe71018e0475071f0a930cbf0e7910a311381237129e117b10eb0e030dc90a3d086105470219ff06fc26f975f6faf3d5f128f0f1ee23eec9ed06eef1ee76f069f2a8f42ef70afa2efd6100660342061c09db0b2b0edb0f0f11e4113712e4110f11db0f2b0edb0b1c094206660361002efd0afa2ef7a8f469f276f0f1ee06eec9ed23eef1ee28f0d5f1faf375f626f906fc19ff470261053d08c90a030deb0e7b109e1137123812a3117910bf0e930c1f0a75078e0471014dfe46fb57f883f5fdf2fef085ef73eec9edb7ed5dee9fef41f121f34df5ecf7f1fa19fe230117041507fb096f0c530ee70f4c1137124c12a3119a10530f990d470b8908a305a10271ff34fc35f991f625f4e9f119f0f2ee5dee28ee5dee32efadf096f2b9f417f7c9f9cefc050037033706e708470b6b0d530fce10a311d811a3110e11e70f180edb0b6f09cb06cd038f005ffd5dfa77f7b9f467f2adf066ef5deeb4edc9edb4ee19f0adf191f305f6ebf8e9fbddfee7010f051408b30adf0cbf0e6110a311491237128d117b10020f030d7d0aa907ba04b3018ffe72fb8bf8e1f56df341f187ef5deec8edc9ed62ee85ef15f1fdf237f5c3f79ffab9fde700fa03da068b09060c2b0ed80f0f11dd113712fa110f118a0f970d580bd208f605d2029fff9afcbef9e4f625f4d5f125f0f1ee1ceec9ed1ceef1ee25f0d5f125f4e4f6bef99afc9fffd202f605d208580b970d8a0f0f11fa113712dd110f11d80f2b0e060c8b09da06fa03e700b9fd9ffac3f737f5fdf215f185ef62eec9edc8ed5dee87ef41f16df3e1f58bf872fb8ffeb301ba04a9077d0a030d020f7b108d1137124912a3116110bf0edf0cb30a14080f05e701ddfee9fbebf805f691f3adf119f0b4eec9edb4ed5dee66efadf067f2b9f477f75dfa5ffd8f00cd03cb066f09db0b180ee70f0e11a311d811a311ce10530f6b0d470be708370637030500cefcc9f917f7b9f496f2adf032ef5dee28ee5deef2ee19f0e9f125f491f635f934fc71ffa102a3058908470b990d530f9a10a3114c1237124c11e70f530e6f0cfb0915071704230119fef1faecf74df521f341f19fef5deeb7edc9ed73ee85effef0fdf283f557f846fb4dfe71018e0475071f0a930cbf0e7910a311381237129e117b10eb0e030dc90a3d086105470219ff06fc26f975f6faf3d5f128f0f1ee23eec9ed06eef1ee76f069f2a8f42ef70afa2efd6100660342061c09db0b2b0edb0f0f11e4113712e4110f11db0f2b0edb0b1c094206660361002efd0afa2ef7a8f469f276f0f1ee06eec9ed23eef1ee28f0d5f1faf375f626f906fc19ff470261053d08c90a030deb0e7b109e1137123812a3117910bf0e930c1f0a75078e0471014dfe46fb57f883f5fdf2fef085ef73eec9edb7ed5dee9fef41f121f34df5ecf7f1fa19fe230117041507fb096f0c530ee70f4c1137124c12a3119a10530f990d470b8908a305a10271ff34fc35f991f625f4e9f119f0f2ee5dee28ee5dee32efadf096f2b9f417f7c9f9cefc050037033706e708470b6b0d530fce10a311d811a3110e11e70f180edb0b6f09cb06cd038f005ffd5dfa77f7b9f467f2adf066ef5deeb4edc9edb4ee19f0adf191f305f6ebf8e9fbddfee7010f051408b30adf0cbf0e6110a311491237128d117b10020f030d7d0aa907ba04b3018ffe72fb8bf8e1f56df341f187ef5deec8edc9ed62ee85ef15f1fdf237f5c3f79ffab9fde700fa03da068b09060c2b0ed80f0f11dd113712fa110f118a0f970d580bd208f605d2029fff9afcbef9e4f625f4d5f125f0f1ee1ceec9ed1ceef1ee25f0d5f125f4e4f6bef99afc9fffd202f605d208580b970d8a0f0f11fa113712dd110f11d80f2b0e060c8b09da06fa03e700b9fd9ffac3f737f5fdf215f185ef62eec9edc8ed5dee87ef41f16df3e1f58bf872fb8ffeb301ba04a9077d0a030d020f7b108d1137124912a3116110bf0edf0cb30a14080f05e701ddfee9fbebf805f691f3adf119f0b4eec9edb4ed5dee66efadf067f2b9f477f75dfa5ffd8f00cd03cb066f09db0b180ee70f0e11a311d811a311ce10530f6b0d470be708370637030500cefcc9f917f7b9f496f2adf032ef5dee28ee5deef2ee19f0e9f125f491f635f934fc71ffa102a3058908470b990d530f9a10a3114c1237124c11e70f530e6f0cfb0915071704230119fef1faecf74df521f341f19fef5deeb7edc9ed73ee85effef0fdf283f557f846fb4dfe71018e0475071f0a930cbf0e7910a311381237129e117b10eb0e030dc90a3d086105470219ff06fc26f975f6faf3d5f128f0f1ee23eec9ed06eef1ee76f069f2a8f42ef70afa2efd6100660342061c09db0b2b0edb0f0f11e4113712e4110f11db0f2b0edb0b1c094206660361002efd0afa2ef7a8f469f276f0f1ee06eec9ed23eef1ee28f0d5f1faf375f626f906fc19ff470261053d08c90a030deb0e7b109e1137123812a3117910bf0e930c1f0a75078e0471014dfe46fb57f883f5fdf2fef085ef73eec9edb7ed5dee9fef41f121f34df5ecf7f1fa19fe230117041507fb096f0c530ee70f4c1137124c12a3119a10530f990d470b8908a305a10271ff34fc35f991f625f4e9f119f0f2ee5dee28ee5dee32efadf096f2b9f417f7c9f9cefc050037033706e708470b6b0d530fce10a311d811a3110e11e70f180edb0b6f09cb06cd038f005ffd5dfa77f7b9f467f2adf066ef5deeb4edc9edb4ee19f0adf191f305f6ebf8e9fbddfee7010f051408b30adf0cbf0e6110a311491237128d117b10020f030d7d0aa907ba04b3018ffe72fb8bf8e1f56df341f187ef5deec8edc9ed62ee85ef15f1fdf237f5c3f79ffab9fde700fa03da068b09060c2b0ed80f0f11dd113712fa110f118a0f970d580bd208f605d2029fff9afcbef9e4f625f4d5f125f0f1ee1ceec9ed1ceef1ee25f0d5f125f4e4f6bef99afc9fffd202f605d208580b970d8a0f0f11fa113712dd110f11d80f2b0e060c8b09da06fa03e700b9fd9ffac3f737f5fdf215f185ef62eec9edc8ed5dee87ef41f16df3e1f58bf872fb8ffeb301ba04a9077d0a030d020f7b108d1137124912a3116110bf0edf0cb30a14080f05e701ddfee9fbebf805f691f3adf119f0b4eec9edb4ed5dee66efadf067f2b9f477f75dfa5ffd8f00cd03cb066f09db0b180ee70f0e11a311d811a311ce10530f6b0d470be708370637030500cefcc9f917f7b9f496f2adf032ef5dee28ee5deef2ee19f0e9f125f491f635f934fc71ffa102a3058908470b990d530f9a10a3114c1237124c11e70f530e6f0cfb0915071704230119fef1faecf74df521f341f19fef5deeb7edc9ed73ee85effef0fdf283f557f846fb4dfe71018e0475071f0a930cbf0e7910a311381237129e117b10eb0e030dc90a3d086105470219ff06fc26f975f6faf3d5f128f0f1ee23eec9ed06eef1ee76f069f2a8f42ef70afa2efd6100660342061c09db0b2b0edb0f0f11e4113712e4110f11db0f2b0edb0b1c094206660361002efd0afa2ef7a8f469f276f0f1ee06eec9ed23eef1ee28f0d5f1faf375f626f906fc19ff470261053d08c90a030deb0e7b109e1137123812a3117910bf0e930c1f0a75078e0471014dfe46fb57f883f5fdf2fef085ef73eec9edb7ed5dee9fef41f121f34df5ecf7f1fa19fe230117041507fb096f0c530ee70f4c1137124c12a3119a10530f990d470b8908a305a10271ff34fc35f991f625f4e9f119f0f2ee5dee28ee5dee32efadf096f2b9f417f7c9f9cefc050037033706e708470b6b0d530fce10a311d811a3110e11e70f180edb0b6f09cb06cd038f005ffd5dfa77f7b9f467f2adf066ef5deeb4edc9edb4ee19f0adf191f305f6ebf8e9fbddfee7010f051408b30adf0cbf0e6110a311491237128d117b10020f030d7d0aa907ba04b3018ffe72fb8bf8e1f56df341f187ef5deec8edc9ed62ee85ef15f1fdf237f5c3f79ffab9fde700fa03da068b09060c2b0ed80f0f11dd113712fa110f118a0f970d580bd208f605d2029fff9afcbef9e4f625f4d5f125f0f1ee1ceec9ed1ceef1ee25f0d5f125f4e4f6bef99afc9fffd202f605d208580b970d8a0f0f11fa113712dd110f11d80f2b0e060c8b09da06fa03e700b9fd9ffac3f737f5fdf215f185ef62eec9edc8ed5dee87ef41f16df3e1f58bf872fb8ffeb301ba04a9077d0a030d020f7b108d1137124912a3116110bf0edf0cb30a14080f05e701ddfee9fbebf805f691f3adf119f0b4eec9edb4ed5dee66efadf067f2b9f477f75dfa5ffd8f00cd03cb066f09db0b180ee70f0e11a311d811a311ce10530f6b0d470be708370637030500cefcc9f917f7b9f496f2adf032ef5dee28ee5deef2ee19f0e9f125f491f635f934fc71ffa102a3058908470b990d530f9a10a3114c1237124c11e70f530e6f0cfb0915071704230119fef1faecf74df521f341f19fef5deeb7edc9ed73ee85effef0fdf283f557f846fb4dfe71018e0475071f0a930cbf0e7910a311381237129e117b10eb0e030dc90a3d086105470219ff06fc26f975f6faf3d5f128f0f1ee23eec9ed06eef1ee76f069f2a8f42ef70afa2efd6100660342061c09db0b2b0edb0f0f11e4113712e4110f11db0f2b0edb0b1c094206660361002efd0afa2ef7a8f469f276f0f1ee06eec9ed23eef1ee28f0d5f1faf375f626f906fc19ff470261053d08c90a030deb0e7b109e1137123812a3117910bf0e930c1f0a75078e0471014dfe46fb57f883f5fdf2fef085ef73eec9edb7ed5dee9fef41f121f34df5ecf7f1fa19fe230117041507fb096f0c530ee70f4c1137124c12a3119a10530f990d470b8908a305a10271ff34fc35f991f625f4e9f119f0f2ee5dee28ee5dee32efadf096f2b9f417f7c9f9cefc050037033706e708470b6b0d530fce10a311d811a3110e11e70f180edb0b6f09cb06cd038f005ffd5dfa77f7b9f467f2adf066ef5deeb4edc9edb4ee19f0adf191f305f6ebf8e9fbddfee7010f051408b30adf0cbf0e6110a311491237128d117b10020f030d7d0aa907ba04b3018ffe72fb8bf8e1f56df341f187ef5deec8edc9ed62ee85ef15f1fdf237f5c3f79ffab9fde700fa03da068b09060c2b0ed80f0f11dd113712fa110f118a0f970d580bd208f605d2029fff9afcbef9e4f625f4d5f125f0f1ee1ceec9ed1ceef1ee25f0d5f125f4e4f6bef99afc9fffd202f605d208580b970d8a0f0f11fa113712dd110f11d80f2b0e060c8b09da06fa03e700b9fd9ffac3f737f5fdf215f185ef62eec9edc8ed5dee87ef41f16df3e1f58bf872fb8ffeb301ba04a9077d0a030d020f7b108d1137124912a3116110bf0edf0cb30a14080f05e701ddfee9fbebf805f691f3adf119f0b4eec9edb4ed5dee66efadf067f2b9f477f75dfa5ffd8f00cd03cb066f09db0b180ee70f0e11a311d811a311ce10530f6b0d470be708370637030500cefcc9f917f7b9f496f2adf032ef5dee28ee5deef2ee19f0e9f125f491f635f934fc71ffa102a3058908470b990d530f9a10a3114c1237124c11e70f530e6f0cfb0915071704230119fef1faecf74df521f341f19fef5deeb7edc9ed73ee85effef0fdf283f557f846fb4dfe71018e0475071f0a930cbf0e7910a311381237129e117b10eb0e030dc90a3d086105470219ff06fc26f975f6faf3d5f128f0f1ee23eec9ed06eef1ee76f069f2a8f42ef70afa2efd6100660342061c09db0b2b0edb0f0f11e4113712e4110f11db0f2b0edb0b1c094206660361002efd0afa2ef7a8f469f276f0f1ee06eec9ed23eef1ee28f0d5f1faf375f626f906fc19ff470261053d08c90a030deb0e7b109e1137123812a3117910bf0e930c1f0a75078e0471014dfe46fb57f883f5fdf2fef085ef73eec9edb7ed5dee9fef41f121f34df5ecf7f1fa19fe230117041507fb096f0c530ee70f4c1137124c12a3119a10530f990d470b8908a305a10271ff34fc35f991f625f4e9f119f0f2ee5dee28ee5dee32efadf096f2b9f417f7c9f9cefc050037033706e708470b6b0d530fce10a311d811a3110e11e70f180edb0b6f09cb06cd038f005ffd5dfa77f7b9f467f2adf066ef5deeb4edc9edb4ee19f0adf191f305f6ebf8e9fbddfee7010f051408b30adf0cbf0e6110a311491237128d117b10020f030d7d0aa907ba04b3018ffe72fb8bf8e1f56df341f187ef5deec8edc9ed62ee85ef15f1fdf237f5c3f79ffab9fde700fa03da068b09060c2b0ed80f0f11dd113712fa110f118a0f970d580bd208f605d2029fff9afcbef9e4f625f4d5f125f0f1ee1ceec9ed1ceef1ee25f0d5f125f4e4f6bef99afc9fffd202f605d208580b970d8a0f0f11fa113712dd110f11d80f2b0e060c8b09da06fa03e700b9fd9ffac3f737f5fdf215f185ef62eec9edc8ed5dee87ef41f16df3e1f58bf872fb8ffeb301ba04a9077d0a030d020f7b108d1137124912a3116110bf0edf0cb30a14080f05e701ddfee9fbebf805f691f3adf119f0b4eec9edb4ed5dee66efadf067f2b9f477f75dfa5ffd8f00cd03cb066f09db0b180ee70f0e11a311d811a311ce10530f6b0d470be708370637030500cefcc9f917f7b9f496f2adf032ef5dee28ee5deef2ee19f0e9f125f491f635f934fc71ffa102a3058908470b990d530f9a10a3114c1237124c11e70f530e6f0cfb0915071704230119fef1faecf74df521f341f19fef5deeb7edc9ed73ee85effef0fdf283f557f846fb4dfe71018e0475071f0a930cbf0e7910a311381237129e117b10eb0e030dc90a3d086105470219ff06fc26f975f6faf3d5f128f0f1ee23eec9ed06eef1ee76f069f2a8f42ef70afa2efd6100660342061c09db0b2b0edb0f0f11e4113712e4110f11db0f2b0edb0b1c094206660361002efd0afa2ef7a8f469f276f0f1ee06eec9ed23eef1ee28f0d5f1faf375f626f906fc19ff470261053d08c90a030deb0e7b109e1137123812a3117910bf0e930c1f0a75078e0471014dfe46fb57f883f5fdf2fef085ef73eec9edb7ed5dee9fef41f121f34df5ecf7f1fa19fe230117041507fb096f0c530ee70f4c1137124c12a3119a10530f990d470b8908a305a10271ff34fc35f991f625f4e9f119f0f2ee5dee28ee5dee32efadf096f2b9f417f7c9f9cefc050037033706e708470b6b0d530fce10a311d811a3110e11e70f180edb0b6f09cb06cd038f005ffd5dfa77f7b9f467f2adf066ef5deeb4edc9edb4ee19f0adf191f305f6ebf8e9fbddfee7010f051408b30adf0cbf0e6110a311491237128d117b10020f030d7d0aa907ba04b3018ffe72fb8bf8e1f56df341f187ef5deec8edc9ed62ee85ef15f1fdf237f5c3f79ffab9fde700fa03da068b09060c2b0ed80f0f11dd113712fa110f118a0f970d580bd208f605d2029fff9afcbef9e4f625f4d5f125f0f1ee1ceec9ed1ceef1ee25f0d5f125f4e4f6bef99afc9fffd202f605d208580b970d8a0f0f11fa113712dd110f11d80f2b0e060c8b09da06fa03e700b9fd9ffac3f737f5fdf215f185ef62eec9edc8ed5dee87ef41f16df3e1f58bf872fb8ffeb301ba04a9077d0a030d020f7b108d1137124912a3116110bf0edf0cb30a14080f05e701ddfee9fbebf805f691f3adf119f0b4eec9edb4ed5dee66efadf067f2b9f477f75dfa5ffd8f00cd03cb066f09db0b180ee70f0e11a311d811a311ce10530f6b0d470be708370637030500cefcc9f917f7b9f496f2adf032ef5dee28ee5deef2ee19f0e9f125f491f635f934fc71ffa102a3058908470b990d530f9a10a3114c1237124c11e70f530e6f0cfb0915071704230119fef1faecf74df521f341f19fef5deeb7edc9ed73ee85effef0fdf283f557f846fb4dfe71018e0475071f0a930cbf0e7910a311381237129e117b10eb0e030dc90a3d086105470219ff06fc26f975f6faf3d5f128f0f1ee23eec9ed06eef1ee76f069f2a8f42ef70afa2efd6100660342061c09db0b2b0edb0f0f11e4113712e4110f11db0f2b0edb0b1c094206660361002efd0afa2ef7a8f469f276f0f1ee06eec9ed23eef1ee28f0d5f1faf375f626f906fc19ff470261053d08c90a030deb0e7b109e1137123812a3117910bf0e930c1f0a75078e0471014dfe46fb57f883f5fdf2fef085ef73eec9edb7ed5dee9fef41f121f34df5ecf7f1fa19fe230117041507fb096f0c530ee70f4c1137124c12a3119a10530f990d470b8908a305a10271ff34fc35f991f625f4e9f119f0f2ee5dee28ee5dee32efadf096f2b9f417f7c9f9cefc050037033706e708470b6b0d530fce10a311d811a3110e11e70f180edb0b6f09cb06cd038f005ffd5dfa77f7b9f467f2adf066ef5deeb4edc9edb4ee19f0adf191f305f6ebf8e9fbddfee7010f051408b30adf0cbf0e6110a311491237128d117b10020f030d7d0aa907ba04b3018ffe72fb8bf8e1f56df341f187ef5deec8edc9ed62ee85ef15f1fdf237f5c3f79ffab9fde700fa03da068b09060c2b0ed80f0f11dd113712fa110f118a0f970d580bd208f605d2029fff9afcbef9e4f625f4d5f125f0f1ee1ceec9ed1ceef1ee25f0d5f125f4e4f6bef99afc9fffd202f605d208580b970d8a0f0f11fa113712dd110f11d80f2b0e060c8b09da06fa03e700b9fd9ffac3f737f5fdf215f185ef62eec9edc8ed5dee87ef41f16df3e1f58bf872fb8ffeb301ba04a9077d0a030d020f7b108d1137124912a3116110bf0edf0cb30a14080f05e701ddfee9fbebf805f691f3adf119f0b4eec9edb4ed5dee66efadf067f2b9f477f75dfa5ffd8f00cd03cb066f09db0b180ee70f0e11a311d811a311ce10530f6b0d470be708370637030500cefcc9f917f7b9f496f2adf032ef5dee28ee5deef2ee19f0e9f125f491f635f934fc71ffa102a3058908470b990d530f9a10a3114c1237124c11e70f530e6f0cfb0915071704230119fef1faecf74df521f341f19fef5deeb7edc9ed73ee85effef0fdf283f557f846fb4dfe71018e0475071f0a930cbf0e7910a311381237129e117b10eb0e030dc90a3d086105470219ff06fc26f975f6faf3d5f128f0f1ee23eec9ed06eef1ee76f069f2a8f42ef70afa2efd6100660342061c09db0b2b0edb0f0f11e4113712e4110f11db0f2b0edb0b1c094206660361002efd0afa2ef7a8f469f276f0f1ee06eec9ed23eef1ee28f0d5f1faf375f626f906fc19ff470261053d08c90a030deb0e7b109e1137123812a3117910bf0e930c1f0a75078e0471014dfe46fb57f883f5fdf2fef085ef73eec9edb7ed5dee9fef41f121f34df5ecf7f1fa19fe230117041507fb096f0c530ee70f4c1137124c12a3119a10530f990d470b8908a305a10271ff34fc35f991f625f4e9f119f0f2ee5dee28ee5dee32efadf096f2b9f417f7c9f9cefc050037033706e708470b6b0d530fce10a311d811a3110e11e70f180edb0b6f09cb06cd038f005ffd5dfa77f7b9f467f2adf066ef5deeb4edc9edb4ee19f0adf191f305f6ebf8e9fbddfee7010f051408b30adf0cbf0e6110a311491237128d117b10020f030d7d0aa907ba04b3018ffe72fb8bf8e1f56df341f187ef5deec8edc9ed62ee85ef15f1fdf237f5c3f79ffab9fde700fa03da068b09060c2b0ed80f0f11dd113712fa110f118a0f970d580bd208f605d2029fff9afcbef9e4f625f4d5f125f0f1ee1ceec9ed1ceef1ee25f0d5f125f4e4f6bef99afc9fffd202f605d208580b970d8a0f0f11fa113712dd110f11d80f2b0e060c8b09da06fa03e700b9fd9ffac3f737f5fdf215f185ef62eec9edc8ed5dee87ef41f16df3e1f58bf872fb8ffeb301ba04a9077d0a030d020f7b108d1137124912a3116110bf0edf0cb30a14080f05e701ddfee9fbebf805f691f3adf119f0b4eec9edb4ed5dee66efadf067f2b9f477f75dfa5ffd8f00cd03cb066f09db0b180ee70f0e11a311d811a311ce10530f6b0d470be708370637030500cefcc9f917f7b9f496f2adf032ef5dee28ee5deef2ee19f0e9f125f491f635f934fc71ffa102a3058908470b990d530f9a10a3114c1237124c11e70f530e6f0cfb0915071704230119fef1faecf74df521f341f19fef5deeb7edc9ed73ee85effef0fdf283f557f846fb4dfe71018e0475071f0a930cbf0e7910a311381237129e117b10eb0e030dc90a3d086105470219ff06fc26f975f6faf3d5f128f0f1ee23eec9ed06eef1ee76f069f2a8f42ef70afa2efd6100660342061c09db0b2b0edb0f0f11e4113712e4110f11db0f2b0edb0b1c094206660361002efd0afa2ef7a8f469f276f0f1ee06eec9ed23eef1ee28f0d5f1faf375f626f906fc19ff470261053d08c90a030deb0e7b109e1137123812a3117910bf0e930c1f0a75078e0471014dfe46fb57f883f5fdf2fef085ef73eec9edb7ed5dee9fef41f121f34df5ecf7f1fa19fe230117041507fb096f0c530ee70f4c1137124c12a3119a10530f990d470b8908a305a10271ff34fc35f991f625f4e9f119f0f2ee5dee28ee5dee32efadf096f2b9f417f7c9f9cefc050037033706e708470b6b0d530fce10a311d811a3110e11e70f180edb0b6f09cb06cd038f005ffd5dfa77f7b9f467f2adf066ef5deeb4edc9edb4ee19f0adf191f305f6ebf8e9fbddfee7010f051408b30adf0cbf0e6110a311491237128d117b10020f030d7d0aa907ba04b3018ffe72fb8bf8e1f56df341f187ef5deec8edc9ed62ee85ef15f1fdf237f5c3f79ffab9fde700fa03da068b09060c2b0ed80f0f11dd113712fa110f118a0f970d580bd208f605d2029fff9afcbef9e4f625f4d5f125f0f1ee1ceec9ed1ceef1ee25f0d5f125f4e4f6bef99afc9fffd202f605d208580b970d8a0f0f11fa113712dd110f11d80f2b0e060c8b09da06fa03e700b9fd9ffac3f737f5fdf215f185ef62eec9edc8ed5dee87ef41f16df3e1f58bf872fb8ffeb301ba04a9077d0a030d020f7b108d1137124912a3116110bf0edf0cb30a14080f05e701ddfee9fbebf805f691f3adf119f0b4eec9edb4ed5dee66efadf067f2b9f477f75dfa5ffd8f00cd03cb066f09db0b180ee70f0e11a311d811a311ce10530f6b0d470be708370637030500cefcc9f917f7b9f496f2adf032ef5dee28ee5deef2ee19f0e9f125f491f635f934fc71ffa102a3058908470b990d530f9a10a3114c1237124c11e70f530e6f0cfb0915071704230119fef1faecf74df521f341f19fef5deeb7edc9ed73ee85effef0fdf283f557f846fb4dfe71018e0475071f0a930cbf0e7910a311381237129e117b10eb0e030dc90a3d086105470219ff06fc26f975f6faf3d5f128f0f1ee23eec9ed06eef1ee76f069f2a8f42ef70afa2efd6100660342061c09db0b2b0edb0f0f11e4113712e4110f11db0f2b0edb0b1c094206660361002efd0afa2ef7a8f469f276f0f1ee06eec9ed23eef1ee28f0d5f1faf375f626f906fc19ff470261053d08c90a030deb0e7b109e1137123812a3117910bf0e930c1f0a75078e0471014dfe46fb57f883f5fdf2fef085ef73eec9edb7ed5dee9fef41f121f34df5ecf7f1fa19fe230117041507fb096f0c530ee70f4c1137124c12a3119a10530f990d470b8908a305a10271ff34fc35f991f625f4e9f119f0f2ee5dee28ee5dee32efadf096f2b9f417f7c9f9cefc050037033706e708470b6b0d530fce10a311d811a3110e11e70f180edb0b6f09cb06cd038f005ffd5dfa77f7b9f467f2adf066ef5deeb4edc9edb4ee19f0adf191f305f6ebf8e9fbddfee7010f051408b30adf0cbf0e6110a311491237128d117b10020f030d7d0aa907ba04b3018ffe72fb8bf8e1f56df341f187ef5deec8edc9ed62ee85ef15f1fdf237f5c3f79ffab9fde700fa03da068b09060c2b0ed80f0f11dd113712fa110f118a0f970d580bd208f605d2029fff9afcbef9e4f625f4d5f125f0f1ee1ceec9ed1ceef1ee25f0d5f125f4e4f6bef99afc9fffd202f605d208580b970d8a0f0f11fa113712dd110f11d80f2b0e060c8b09da06fa03e700b9fd9ffac3f737f5fdf215f185ef62eec9edc8ed5dee87ef41f16df3e1f58bf872fb8ffeb301ba04a9077d0a030d020f7b108d1137124912a3116110bf0edf0cb30a14080f05e701ddfee9fbebf805f691f3adf119f0b4eec9edb4ed5dee66efadf067f2b9f477f75dfa5ffd8f00cd03cb066f09db0b180ee70f0e11a311d811a311ce10530f6b0d470be708370637030500cefcc9f917f7b9f496f2adf032ef5dee28ee5deef2ee19f0e9f125f491f635f934fc71ffa102a3058908470b990d530f9a10a3114c1237124c11e70f530e6f0cfb0915071704230119fef1faecf74df521f341f19fef5deeb7edc9ed73ee85effef0fdf283f557f846fb4dfe71018e0475071f0a930cbf0e7910a311381237129e117b10eb0e030dc90a3d086105470219ff06fc26f975f6faf3d5f128f0f1ee23eec9ed06eef1ee76f069f2a8f42ef70afa2efd6100660342061c09db0b2b0edb0f0f11e4113712e4110f11db0f2b0edb0b1c094206660361002efd0afa2ef7a8f469f276f0f1ee06eec9ed23eef1ee28f0d5f1faf375f626f906fc19ff470261053d08c90a030deb0e7b109e1137123812a3117910bf0e930c1f0a75078e0471014dfe46fb57f883f5fdf2fef085ef73eec9edb7ed5dee9fef41f121f34df5ecf7f1fa19fe230117041507fb096f0c530ee70f4c1137124c12a3119a10530f990d470b8908a305a10271ff34fc35f991f625f4e9f119f0f2ee5dee28ee5dee32efadf096f2b9f417f7c9f9cefc050037033706e708470b6b0d530fce10a311d811a3110e11e70f180edb0b6f09cb06cd038f005ffd5dfa77f7b9f467f2adf066ef5deeb4edc9edb4ee19f0adf191f305f6ebf8e9fbddfee7010f051408b30adf0cbf0e6110a311491237128d117b10020f030d7d0aa907ba04b3018ffe72fb8bf8e1f56df341f187ef5deec8edc9ed62ee85ef15f1fdf237f5c3f79ffab9fde700fa03da068b09060c2b0ed80f0f11dd113712fa110f118a0f970d580bd208f605d2029fff9afcbef9e4f625f4d5f125f0f1ee1ceec9ed1ceef1ee25f0d5f125f4e4f6bef99afc9fffd202f605d208580b970d8a0f0f11fa113712dd110f11d80f2b0e060c8b09da06fa03e700b9fd9ffac3f737f5fdf215f185ef62eec9edc8ed5dee87ef41f16df3e1f58bf872fb8ffeb301ba04a9077d0a030d020f7b108d1137124912a3116110bf0edf0cb30a14080f05e701ddfee9fbebf805f691f3adf119f0b4eec9edb4ed5dee66efadf067f2b9f477f75dfa5ffd8f00cd03cb066f09db0b180ee70f0e11a311d811a311ce10530f6b0d470be708370637030500cefcc9f917f7b9f496f2adf032ef5dee28ee5deef2ee19f0e9f125f491f635f934fc71ffa102a3058908470b990d530f9a10a3114c1237124c11e70f530e6f0cfb0915071704230119fef1faecf74df521f341f19fef5deeb7edc9ed73ee85effef0fdf283f557f846fb4dfe71018e0475071f0a930cbf0e7910a311381237129e117b10eb0e030dc90a3d086105470219ff06fc26f975f6faf3d5f128f0f1ee23eec9ed06eef1ee76f069f2a8f42ef70afa2efd6100660342061c09db0b2b0edb0f0f11e4113712e4110f11db0f2b0edb0b1c094206660361002efd0afa2ef7a8f469f276f0f1ee06eec9ed23eef1ee28f0d5f1faf375f626f906fc19ff470261053d08c90a030deb0e7b109e1137123812a3117910bf0e930c1f0a75078e0471014dfe46fb57f883f5fdf2fef085ef73eec9edb7ed5dee9fef41f121f34df5ecf7f1fa19fe230117041507fb096f0c530ee70f4c1137124c12a3119a10530f990d470b8908a305a10271ff34fc35f991f625f4e9f119f0f2ee5dee28ee5dee32efadf096f2b9f417f7c9f9cefc050037033706e708470b6b0d530fce10a311d811a3110e11e70f180edb0b6f09cb06cd038f005ffd5dfa77f7b9f467f2adf066ef5deeb4edc9edb4ee19f0adf191f305f6ebf8e9fbddfee7010f051408b30adf0cbf0e6110a311491237128d117b10020f030d7d0aa907ba04b3018ffe72fb8bf8e1f56df341f187ef5deec8edc9ed62ee85ef15f1fdf237f5c3f79ffab9fde700fa03da068b09060c2b0ed80f0f11dd113712fa110f118a0f970d580bd208f605d2029fff9afcbef9e4f625f4d5f125f0f1ee1ceec9ed1ceef1ee25f0d5f125f4e4f6bef99afc9fffd202f605d208580b970d8a0f0f11fa113712dd110f11d80f2b0e060c8b09da06fa03e700b9fd9ffac3f737f5fdf215f185ef62eec9edc8ed5dee87ef41f16df3e1f58bf872fb8ffeb301ba04a9077d0a030d020f7b108d1137124912a3116110bf0edf0cb30a14080f05e701ddfee9fbebf805f691f3adf119f0b4eec9edb4ed5dee66efadf067f2b9f477f75dfa5ffd8f00cd03cb066f09db0b180ee70f0e11a311d811a311ce10530f6b0d470be708370637030500cefcc9f917f7b9f496f2adf032ef5dee28ee5deef2ee19f0e8f125f491f635f933fc71ffa202a3058708470b9b0d530f9610a311511237124611e70f5b0e6f0ced09150731042301d3fdf1fac2f9');


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
-- Data for Name: leases; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: limit_notices; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: mails; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.mails VALUES ('1ae75101920d4a12aaf430d33a119258', 'owner@example.com', 1795951246013, 1795951247400, 'pending', 1, '127.0.0.1:14498 refuses connections: check that the SMTP server runs, and its port', NULL, NULL, NULL, 1795951246066, NULL);
INSERT INTO public.mails VALUES ('e0643e90a75141b3a37b9fa780a2ae70', 'owner@example.com', 1795951237977, 1795951237977, 'kept', 1, '/tmp/tmpfbk60ang/data/mail/e0643e90a75141b3a37b9fa780a2ae70.eml', 1795951238021, NULL, NULL, 1795951237977, NULL);


--
-- Data for Name: message_audio; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.message_audio VALUES ('1ae75101920d4a12aaf430d33a119258', '\x524946463441000057415645666d74201000000001000100401f0000803e00000200100064617461104100000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e080e280e7c0f30800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f20800400d8017801e801e80198010b00340f680ea80e380e080e480eca0f820068012801b801f801d8016c00a90fdc0f080e680e180e180e7c0f1c8fec00b8016801d801f801a8011e004c0f780eb80e380e080e380ebc0f7e0048011801a801f801d8016c00bc8fec0f180e780e180e180e6c0f090fdc00a8016801d801f801b80122006a0f880ec80e480e080e380ea40f6b00380108019801e801e8017400d0800c0f280e880e180e180e680ef50fcc0098015801c801f801b80136007e0f980ed80e480e080e280e940f57002400f8019801e801e8018400e380140f480e980e280e080e580ee20fb40088014801c801f801c8014400820fb80ee80e580e080e280e940f43801400e8018801e801e8019400f700240f580e980e280e080e480ede0f960078013801b801f801c8015c00950fc80ef80e680e180e180e8c0f2');
INSERT INTO public.message_audio VALUES ('e0643e90a75141b3a37b9fa780a2ae70', '\x524946463441000057415645666d74201000000001000100401f0000803e000002001000646174611041000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580eb40f60800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f780ed80e680e180e080e380e9c0f210fde00780118019801e801f801c8016400ef00320f980ef80e780e280e080e280e8c0f020fbe005c00f8018801d801f801d8018c00fe00520fbc0f080e880e280e080e280e780ef20f9f003400e8016801c801f801e80198011e00710fdc0f280e980e380e080e180e680ed40f7f801400c8015801b801f801e801a8013c00908ff40f480eb80e480e180e180e580ec40f50800c00a8013801a801e801e801b8014c00bf80040f680ec80e580e180e080e480eac0f308fec00880128019801e801f801c8016400df00220f880ee80e680e180e080e380e9c0f110fce00680108018801d801f801d8017400fe00420fa40f080e780e280e080e280e740f020fae004400f8017801d801f801d80188010e00610fcc0f180e980e380e080e180e680ee20f8f002400d8016801c801f801e80198012c00808fec0f380ea80e480e080e180e580ec40f6f800c00b8014801b801e801e801a8013c00a080040f580ec80e580e180e180e480eb40f408ffc0098013801a801e801f801b8015400cf80140f7');


--
-- Data for Name: messages; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.messages VALUES ('1ae75101920d4a12aaf430d33a119258', 33261910123, 1, 1, '+33672496645', 'call-4-78a9796676ac', 1795951244572, 1041, false);
INSERT INTO public.messages VALUES ('e0643e90a75141b3a37b9fa780a2ae70', 33261910123, 1, 1, '+33671508567', 'call-3-5b4841e3805f', 1795951236543, 1041, false);


--
-- Data for Name: node_counts; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: numbers; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.numbers VALUES (33199001201, 1, '', true, true, 0, NULL, NULL, 60, 0, NULL, 1795951230153, 'release', 'release', NULL, 1, '{}');
INSERT INTO public.numbers VALUES (33199001202, 1, '', false, true, 0, NULL, NULL, 60, 0, NULL, 1795951230726, 'release', 'release', NULL, 1, '{}');
INSERT INTO public.numbers VALUES (33199001203, 1, '', true, false, 0, NULL, NULL, 60, 0, NULL, 1795951231329, 'release', 'release', NULL, 1, '{}');
INSERT INTO public.numbers VALUES (33199001204, 1, 'été', true, true, 1, 33644630000, NULL, 20, 1, 1795951233115, 1795951231916, 'voicemail', 'release', 'colleague@example.com', 1, '{"revision":1,"action":"forward","to":[33644630000],"ring_timeout_s":20,"on_no_answer":"voicemail","fallback_emails":["colleague@example.com"]}');
INSERT INTO public.numbers VALUES (33199001234, 1, '', true, true, 1, 33644630000, NULL, 60, 2, 1795951236514, 1795951225083, 'release', 'release', NULL, 1, '{"revision":2,"action":"forward","to":[33644630000]}');
INSERT INTO public.numbers VALUES (33261910123, 1, '', true, true, 2, NULL, 'owner@example.com', 60, 1, 1795951236517, 1795951225819, 'release', 'release', NULL, 1, '{"revision":1,"action":"voicemail","emails":["owner@example.com"]}');


--
-- Data for Name: policy_changes; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.policy_changes VALUES (1, 1795951223817, 1, NULL, 'command line', '{"destinations":{}}', '{"destinations":{},"limits":{"account":{"calls":100000,"minutes_per_day":1000000}}}');
INSERT INTO public.policy_changes VALUES (2, 1795951228412, 2, NULL, 'command line', '{"destinations":{}}', '{"destinations":{},"limits":{"account":{"calls":100000,"minutes_per_day":1000000}}}');


--
-- Data for Name: rates; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: secrets; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: shared_keys; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.shared_keys VALUES ('faa2dc48', '\x9eafa6d7b1521680faf157db64a0c2e44de38e4ce2d1fc07ff7cacb93923051d', 1795951233892);


--
-- Data for Name: spool_files; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.spool_files VALUES ('9949f48a166d-3767-0.jsonl', 348);
INSERT INTO public.spool_files VALUES ('9949f48a166d-3768-0.jsonl', 553);
INSERT INTO public.spool_files VALUES ('voicemail14939ac7de777-3755-0.jsonl', 87);


--
-- Data for Name: store_info; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.store_info VALUES ('compatible_from', '0002');
INSERT INTO public.store_info VALUES ('moved_from', '1aea25c9e1630450b356719a7f1c0da8');


--
-- Data for Name: trunks; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.trunks VALUES ('carrier', 'inbound', '127.0.0.0/8', 'request-uri', NULL, NULL, NULL, NULL, NULL, 'FR', NULL, NULL);
INSERT INTO public.trunks VALUES ('carrier-out', 'outbound', NULL, NULL, 'sip:127.0.0.1:44157', 60, 'e164', 'both', 'passthrough', 'FR', NULL, NULL);


--
-- Data for Name: usage; Type: TABLE DATA; Schema: public; Owner: -
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
-- Name: policy_changes_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.policy_changes_id_seq', 2, true);


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
-- Name: ix_api_keys_account_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_api_keys_account_id ON public.api_keys USING btree (account_id);


--
-- Name: ix_call_ladders_setup_at_ms; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_call_ladders_setup_at_ms ON public.call_ladders USING btree (setup_at_ms);


--
-- Name: ix_calls_number; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_calls_number ON public.calls USING btree (number, setup_at_ms);


--
-- Name: ix_calls_setup_at_ms; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_calls_setup_at_ms ON public.calls USING btree (setup_at_ms);


--
-- Name: ix_calls_unended; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_calls_unended ON public.calls USING btree (setup_at_ms) WHERE (end_at_ms IS NULL);


--
-- Name: ix_calls_unfinished; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_calls_unfinished ON public.calls USING btree (setup_at_ms) WHERE (status IS NULL);


--
-- Name: ix_idempotency_at_ms; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_idempotency_at_ms ON public.idempotency USING btree (at_ms);


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
-- Name: ix_messages_number; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_messages_number ON public.messages USING btree (number, received_at_ms);


--
-- Name: ix_messages_received_at_ms; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_messages_received_at_ms ON public.messages USING btree (received_at_ms);


--
-- Name: ix_numbers_account_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_numbers_account_id ON public.numbers USING btree (account_id, number);


--
-- Name: ix_numbers_routing_version; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_numbers_routing_version ON public.numbers USING btree (routing_version) WHERE (routing_version > 1);


--
-- Name: ix_usage_day; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_usage_day ON public.usage USING btree (day);


--
-- Name: api_keys fk_api_keys_account_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT fk_api_keys_account_id FOREIGN KEY (account_id) REFERENCES public.accounts(id);


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


