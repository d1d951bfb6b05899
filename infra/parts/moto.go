package parts

import (
	"context"
	"os/exec"
	"sync"
	"testing"
)

// Moto returns the endpoint of moto's server (SES v2, SQS, SNS, Scheduler),
// started on the first call of the process. All tests of the process share what
// is in it. Its mailbox and the like are at /moto-api.
func Moto(t testing.TB) (endpoint string) {
	t.Helper()
	endpoint, err := moto()
	need(t, err)
	return endpoint
}

var moto = sync.OnceValues(func() (string, error) {
	server, err := exec.LookPath("moto_server")
	if err != nil {
		return "", &missingError{what: "moto_server", how: "pip install 'moto[server]'"}
	}
	endpoint, _, err := startServer(context.Background(), "moto_server", func(port string) *exec.Cmd {
		return exec.Command(server, "-H", "127.0.0.1", "-p", port)
	})
	return endpoint, err
})
