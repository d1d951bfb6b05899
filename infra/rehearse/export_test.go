package rehearse

// InBlocks has a file read so many bytes at once.
func (o Options) InBlocks(size int) Options {
	o.block = size
	return o
}
