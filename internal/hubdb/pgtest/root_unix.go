//go:build unix

package pgtest

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// account is who the server runs as: postgres when we are root, else we.
func account() (uid, gid uint32, change bool, err error) {
	if os.Geteuid() != 0 {
		return 0, 0, false, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		if u, err = user.Lookup("nobody"); err != nil {
			return 0, 0, false, fmt.Errorf("as root, and there is no other user to run it as: %w", err)
		}
	}
	a, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return 0, 0, false, err
	}
	b, err := strconv.ParseUint(u.Gid, 10, 32)
	return uint32(a), uint32(b), true, err
}

// own gives the directory to whoever the server runs as.
func own(dir string) error {
	uid, gid, change, err := account()
	if err != nil || !change {
		return err
	}
	return os.Chown(dir, int(uid), int(gid))
}

func as(cmd *exec.Cmd) {
	uid, gid, change, err := account()
	if err == nil && change {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: gid}}
	}
}
