package hub

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"

	"tram/internal/care/programme"
	"tram/internal/id"
	"tram/internal/keys"
	"tram/internal/sitesync/wire"
)

// streamName and consumerName are what the transport keeps for us.
const (
	streamName   = "JOURNALS"
	consumerName = "hub"
)

// transport is the server that sites connect to, in this process, and the
// stream that carries their journals: here, or in a cluster behind it.
type transport struct {
	front  *server.Server
	admit  *admission
	nc     *nats.Conn // to the front
	far    *nats.Conn // to the stream; nc where there is no cluster
	js     jetstream.JetStream
	stream jetstream.Stream
	cons   jetstream.Consumer
}

// admission lets a site in by its key, and to its own subjects only.
type admission struct {
	hub       string // our own key
	directory func() programme.Directory

	mu    sync.Mutex
	byKey map[string]id.Site // nil: read the directory again
}

// Check says whether whoever connects has signed with a key that the programme
// names.
func (a *admission) Check(c server.ClientAuthentication) bool {
	o := c.GetOpts()
	k, err := nkeys.FromPublicKey(o.Nkey)
	if err != nil {
		return false
	}
	sig, err := decodeSig(o.Sig)
	if err != nil || k.Verify(c.GetNonce(), sig) != nil {
		return false
	}
	if o.Nkey == a.hub {
		c.RegisterUser(&server.User{Username: "hub"})
		return true
	}
	s, ok := a.site(o.Nkey)
	if !ok {
		return false
	}
	c.RegisterUser(&server.User{Username: string(s), Permissions: permissions(s)})
	return true
}

// permissions are what a site may do: write its own journal and questions, and
// read its own inbox and answers.
func permissions(s id.Site) *server.Permissions {
	return &server.Permissions{
		Publish:   &server.SubjectPermission{Allow: []string{wire.Journal(s), wire.Ask(s)}},
		Subscribe: &server.SubjectPermission{Allow: []string{wire.Inbox(s), wire.Replies(s) + ".>"}},
	}
}

func (a *admission) site(nkey string) (id.Site, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.byKey == nil {
		a.byKey = map[string]id.Site{}
		for _, s := range a.directory().Sites() {
			a.byKey[s.NKey] = s.Site
		}
	}
	s, ok := a.byKey[nkey]
	return s, ok
}

// startTransport starts the front and, where no cluster is named, the stream
// in it: durable before it acknowledges.
func startTransport(ctx context.Context, o Options, k *keys.Keys, directory func() programme.Directory) (*transport, error) {
	seed := k.SyncSeed()
	pair, err := nkeys.FromRawSeed(nkeys.PrefixByteUser, seed[:])
	if err != nil {
		return nil, fmt.Errorf("the transport's key: %w", err)
	}
	public, err := pair.PublicKey()
	if err != nil {
		return nil, fmt.Errorf("the transport's key: %w", err)
	}
	t := &transport{admit: &admission{hub: public, directory: directory}}
	opts := &server.Options{
		ServerName: "tram-hub", DontListen: true, NoSigs: true, NoLog: true, MaxPayload: wire.MessageMax, AlwaysEnableNonce: true,
		CustomClientAuthentication: t.admit,
		// The public side is the hub's own TLS port, which passes /sync on to here.
		Websocket: server.WebsocketOpts{Host: "127.0.0.1", Port: -1, NoTLS: true},
		JetStream: o.NATS == "", StoreDir: filepath.Join(o.Dir, storeName), SyncAlways: true,
	}
	if o.NATS != "" {
		if opts.LeafNode.Remotes, err = remotes(o); err != nil {
			return nil, err
		}
	}
	if t.front, err = server.NewServer(opts); err != nil {
		return nil, fmt.Errorf("start the transport: %w", err)
	}
	t.front.Start()
	if !t.front.ReadyForConnections(startWait) {
		t.close()
		return nil, errors.New("start the transport: it does not answer")
	}
	if err := t.connect(ctx, o, public, pair); err != nil {
		t.close()
		return nil, fmt.Errorf("start the transport: %w", err)
	}
	return t, nil
}

// startWait is how long the front may take to answer in this process.
const startWait = 15 * time.Second

func (t *transport) connect(ctx context.Context, o Options, public string, pair nkeys.KeyPair) error {
	common := []nats.Option{nats.Name("hub"), nats.MaxReconnects(-1), nats.ReconnectWait(retryFirst), nats.ReconnectBufSize(-1)}
	var err error
	t.nc, err = nats.Connect("", append(common, nats.InProcessServer(t.front), nats.Nkey(public, pair.Sign))...)
	if err != nil {
		return err
	}
	t.far = t.nc
	if o.NATS != "" {
		var urls []string
		for _, a := range strings.Split(o.NATS, ",") {
			address, _, _ := strings.Cut(strings.TrimSpace(a), "?")
			urls = append(urls, address)
		}
		if strings.HasPrefix(urls[0], "tls:") { // all are, or none is
			common = append(common, nats.Secure(clusterTLS(o)))
		}
		if t.far, err = nats.Connect(strings.Join(urls, ","), common...); err != nil {
			return fmt.Errorf("reach the cluster: %w", err)
		}
	}
	if t.js, err = jetstream.New(t.far); err != nil {
		return err
	}
	return t.prepare(ctx, o.NATS != "")
}

// prepare makes the stream and its one reader. In a cluster it has three
// copies; one server is told apart by its refusal of them.
func (t *transport) prepare(ctx context.Context, cluster bool) error {
	ctx, cancel := context.WithTimeout(ctx, 2*startWait)
	defer cancel()
	c := jetstream.StreamConfig{
		Name: streamName, Subjects: []string{"journal.*"}, Storage: jetstream.FileStorage, Discard: jetstream.DiscardNew, MaxAge: streamAge,
		MaxBytes: streamBytes, MaxMsgSize: wire.MessageMax, Duplicates: dedupe, Replicas: 1,
	}
	if cluster {
		c.Replicas = 3
	}
	var err error
	t.stream, err = t.js.CreateOrUpdateStream(ctx, c)
	if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) || err != nil && c.Replicas == 3 && strings.Contains(err.Error(), "replicas > 1") {
		c.Replicas = 1
		t.stream, err = t.js.CreateOrUpdateStream(ctx, c)
	}
	if err != nil {
		return fmt.Errorf("the journals' stream: %w", err)
	}
	t.cons, err = t.stream.CreateOrUpdateConsumer(ctx, jetstream.ConsumerConfig{
		Durable: consumerName, AckPolicy: jetstream.AckExplicitPolicy, AckWait: ackWait, MaxAckPending: 4 * fetchMost, DeliverPolicy: jetstream.DeliverAllPolicy,
	})
	if err != nil {
		return fmt.Errorf("the journals' reader: %w", err)
	}
	return nil
}

// last is the sequence of a site's newest message in the stream; 0 if none.
func (t *transport) last(ctx context.Context, s id.Site) (uint64, error) {
	m, err := t.stream.GetLastMsgForSubject(ctx, wire.Journal(s))
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("the newest message of %s: %w", s, err)
	}
	return m.Sequence, nil
}

// forget makes the next connection read the directory again.
func (t *transport) forget() {
	t.admit.mu.Lock()
	defer t.admit.mu.Unlock()
	t.admit.byKey = nil
}

// decodeSig reads a signature as the client sends it.
func decodeSig(s string) ([]byte, error) {
	if b, err := base64.RawURLEncoding.DecodeString(s); err == nil {
		return b, nil
	}
	return base64.StdEncoding.DecodeString(s)
}

func (t *transport) close() {
	for _, nc := range []*nats.Conn{t.nc, t.far} {
		if nc != nil {
			nc.Close()
		}
	}
	if t.front != nil {
		t.front.Shutdown()
		t.front.WaitForShutdown()
	}
}
