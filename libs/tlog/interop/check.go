// Checks logs, proofs and consistency proofs with the packages that Go checks its checksum database with. Of the tiles it
// believes nothing: the root is computed from the entries, and every tile is compared with what follows from them.
//
//	check log <directory> <verifier key>
//	check proof <file.tlog-proof> <file with the entry> <verifier key>
//	check extends <earlier checkpoint> <add-checkpoint request> <verifier key>
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// open returns what a checkpoint signs. The key's name must be the checkpoint's origin.
func open(signed []byte, vkey string) (tlog.Tree, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return tlog.Tree{}, err
	}
	opened, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		return tlog.Tree{}, errors.New("not a checkpoint of this log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}

// stored keeps every hash of a tree, in the order that tlog numbers them.
type stored []tlog.Hash

func (all stored) ReadHashes(wanted []int64) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(wanted))
	for i, index := range wanted {
		if index >= int64(len(all)) {
			return nil, errors.New("a hash beyond the tree")
		}
		found[i] = all[index]
	}
	return found, nil
}

// path is where a C2SP log has the tile that Go's checksum database has elsewhere.
func path(directory string, tile tlog.Tile) string {
	name := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
	return filepath.Join(directory, strings.Replace(name, "tile/data/", "tile/entries/", 1))
}

func checkLog(directory, vkey string) error {
	signed, err := os.ReadFile(filepath.Join(directory, "checkpoint"))
	if err != nil {
		return err
	}
	tree, err := open(signed, vkey)
	if err != nil {
		return err
	}
	var all stored
	for first := int64(0); first < tree.N; first += 256 {
		width := tree.N - first
		if width > 256 {
			width = 256
		}
		name := path(directory, tlog.Tile{H: 8, L: -1, N: first / 256, W: int(width)})
		bundle, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		for n := first; n < first+width; n++ {
			if len(bundle) < 2 || len(bundle)-2 < int(binary.BigEndian.Uint16(bundle)) {
				return fmt.Errorf("%s ends inside entry %d", name, n)
			}
			end := 2 + int(binary.BigEndian.Uint16(bundle))
			hashes, err := tlog.StoredHashes(n, bundle[2:end], all)
			if err != nil {
				return err
			}
			all, bundle = append(all, hashes...), bundle[end:]
		}
		if len(bundle) > 0 {
			return fmt.Errorf("%s goes on after its last entry", name)
		}
	}
	root := tlog.Hash(sha256.Sum256(nil)) // RFC 6962's empty tree; Go's has zeros
	if tree.N > 0 {
		if root, err = tlog.TreeHash(tree.N, all); err != nil {
			return err
		}
	}
	if root != tree.Hash {
		return fmt.Errorf("the entries have the root %v, signed is %v", root, tree.Hash)
	}
	tiles := tlog.NewTiles(8, 0, tree.N)
	for i, tile := range tiles {
		if i+1 < len(tiles) && tiles[i+1].L == tile.L && tiles[i+1].N == tile.N {
			continue // a narrower one, of a smaller tree
		}
		wanted, err := tlog.ReadTileData(tile, all)
		if err != nil {
			return err
		}
		found, err := os.ReadFile(path(directory, tile))
		if err != nil {
			return err
		}
		if !bytes.Equal(wanted, found) {
			return fmt.Errorf("%s does not hold the hashes of the entries", path(directory, tile))
		}
	}
	fmt.Printf("%d entries\n", tree.N)
	return nil
}

// parse splits "<first line> <number>", hashes, an empty line and a checkpoint.
func parse(file, first string) (number int64, hashes []tlog.Hash, checkpoint []byte, err error) {
	whole, err := os.ReadFile(file)
	if err != nil {
		return
	}
	head, checkpoint, found := bytes.Cut(whole, []byte("\n\n"))
	if !found || !bytes.HasPrefix(head, []byte(first)) {
		err = errors.New(file + " has another form")
		return
	}
	lines := strings.Split(strings.TrimPrefix(string(head), first), "\n")
	if number, err = strconv.ParseInt(lines[0], 10, 64); err != nil {
		return
	}
	for _, line := range lines[1:] {
		decoded, failed := base64.StdEncoding.DecodeString(line)
		if failed != nil || len(decoded) != tlog.HashSize {
			err = errors.New(line + " is no hash")
			return
		}
		var hash tlog.Hash
		copy(hash[:], decoded)
		hashes = append(hashes, hash)
	}
	return
}

func checkProof(file, entryFile, vkey string) error {
	index, hashes, signed, err := parse(file, "c2sp.org/tlog-proof@v1\nindex ")
	if err != nil {
		return err
	}
	tree, err := open(signed, vkey)
	if err != nil {
		return err
	}
	entry, err := os.ReadFile(entryFile)
	if err != nil {
		return err
	}
	return tlog.CheckRecord(hashes, tree.N, tree.Hash, index, tlog.RecordHash(entry))
}

func checkExtends(earlierFile, request, vkey string) error {
	signed, err := os.ReadFile(earlierFile)
	if err != nil {
		return err
	}
	earlier, err := open(signed, vkey)
	if err != nil {
		return err
	}
	old, hashes, signed, err := parse(request, "old ")
	if err != nil {
		return err
	}
	tree, err := open(signed, vkey)
	if err != nil {
		return err
	}
	if old != earlier.N {
		return fmt.Errorf("the request is about size %d, the earlier checkpoint about %d", old, earlier.N)
	}
	return tlog.CheckTree(hashes, tree.N, tree.Hash, earlier.N, earlier.Hash)
}

func main() {
	err := errors.New("usage: check log <directory> <key> | proof <file> <entry> <key> | extends <earlier> <request> <key>")
	switch given := os.Args[1:]; {
	case len(given) == 3 && given[0] == "log":
		err = checkLog(given[1], given[2])
	case len(given) == 4 && given[0] == "proof":
		err = checkProof(given[1], given[2], given[3])
	case len(given) == 4 && given[0] == "extends":
		err = checkExtends(given[1], given[2], given[3])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
