package hub

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/nats-io/nats-server/v2/server"
)

// ErrPlain says that a cluster's address goes over a network without TLS: the
// journals that pass there hold names and health details.
var ErrPlain = errors.New("a cluster that is not on this machine needs TLS")

// remotes joins the front to a cluster, through which the sites' subjects go.
// Over TLS to any host, without it to this machine only.
func remotes(o Options) ([]*server.RemoteLeafOpts, error) {
	r := &server.RemoteLeafOpts{}
	for _, a := range strings.Split(o.NATS, ",") {
		u, err := url.Parse(strings.TrimSpace(a))
		if err != nil {
			return nil, fmt.Errorf("the cluster's address: %w", errors.Unwrap(err)) // the whole would quote a password
		}
		secret := u.Scheme == "tls"
		switch {
		case u.Scheme != "tls" && u.Scheme != "nats":
			return nil, fmt.Errorf("the cluster's address %s: it begins with tls:// or nats://", u.Redacted())
		case !secret && !here(u.Hostname()):
			return nil, fmt.Errorf("%w: write tls://%s in place of %s://%s, and give the cluster a certificate", ErrPlain, u.Host, u.Scheme, u.Host)
		case secret != r.TLS && len(r.URLs) > 0:
			return nil, fmt.Errorf("the cluster's address %s: all with TLS, or all on this machine without", u.Redacted())
		case u.Query().Get("leaf") == "":
			return nil, fmt.Errorf("the cluster's address %s: add ?leaf=PORT, the port on which it takes leaf nodes", u.Redacted())
		}
		leaf := *u
		leaf.Host, leaf.RawQuery, leaf.Scheme = net.JoinHostPort(u.Hostname(), u.Query().Get("leaf")), "", "nats-leaf"
		r.URLs, r.TLS = append(r.URLs, &leaf), secret
		if secret {
			r.TLSConfig = clusterTLS(o)
		}
	}
	return []*server.RemoteLeafOpts{r}, nil
}

// here says whether a host is this machine, without asking a name server: its
// answer may be another one the next time.
func here(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func clusterTLS(o Options) *tls.Config {
	return &tls.Config{RootCAs: o.NATSRoots, MinVersion: tls.VersionTLS12}
}
