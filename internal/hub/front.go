package hub

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"time"
)

// SyncPath is where sites connect on the hub's one port.
const SyncPath = "/sync"

// Sync passes sites' connections on to the transport: one port for sync, for
// joining and for pages, so that a clinic behind a web proxy gets through.
func (h *Hub) Sync() http.Handler {
	target, err := url.Parse(h.transport.front.WebsocketURL())
	if err != nil {
		panic(fmt.Sprintf("hub: the transport's own address: %v", err)) // made by the transport a moment ago
	}
	target.Scheme, target.Path = "http", ""
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.URL.Path, r.Out.URL.RawQuery = "/", ""
			r.Out.Header.Del("Origin") // sites are no browsers, and the transport asks nobody else in
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			h.o.Log.Warn("a site's connection", "err", err)
			w.WriteHeader(http.StatusBadGateway)
		},
		FlushInterval: -1,
	}
}

// Names of the certificate's files in the hub's directory.
const (
	certName    = "tls-cert.pem"
	certKeyName = "tls-key.pem"
)

// certFor is how long a certificate lasts; renewAt is how long before its end
// it is made again, with the same key, so that the pin that sites hold stays.
const (
	certFor = 5 * 365 * 24 * time.Hour
	renewAt = 180 * 24 * time.Hour
)

// Certificate is the hub's own certificate, made the first time and again
// before it ends. Its key never changes by itself: sites know the hub by it.
func Certificate(dir string, hosts []string, now time.Time) (tls.Certificate, error) {
	key, err := certKey(filepath.Join(dir, certKeyName))
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("the certificate's key: %w", err)
	}
	path := filepath.Join(dir, certName)
	if der, ok := goodCert(path, key, hosts, now); ok {
		return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("make the certificate: %w", err)
	}
	t := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "Tram hub"}, NotBefore: now.Add(-24 * time.Hour), NotAfter: now.Add(certFor),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, BasicConstraintsValid: true,
	}
	for _, h := range hosts {
		if ip := net.ParseIP(h); ip != nil {
			t.IPAddresses = append(t.IPAddresses, ip)
		} else {
			t.DNSNames = append(t.DNSNames, h)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, t, t, &key.PublicKey, key)
	if err == nil {
		err = os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644)
	}
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("make the certificate: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

func certKey(path string) (*ecdsa.PrivateKey, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return nil, err
		}
		der, err := x509.MarshalECPrivateKey(key)
		if err != nil {
			return nil, err
		}
		return key, os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der}), 0o600)
	}
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("the file holds no key")
	}
	return x509.ParseECPrivateKey(block.Bytes)
}

// goodCert reads a certificate that is of this key, for these hosts, and not
// near its end.
func goodCert(path string, key *ecdsa.PrivateKey, hosts []string, now time.Time) ([]byte, bool) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, false
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, false
	}
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil || now.After(c.NotAfter.Add(-renewAt)) || now.Before(c.NotBefore) || !key.PublicKey.Equal(c.PublicKey) {
		return nil, false
	}
	for _, h := range hosts {
		if c.VerifyHostname(h) != nil {
			return nil, false
		}
	}
	return block.Bytes, true
}
