# SPDX-License-Identifier: MIT
# A file includes only from its own layer and those beneath.

layers="base kernels digest file engine formats
	package/operation package/walk package/listing package/segments package/explain package/compare
	package/create package/receive package/verify package"

# Each include that does not keep to it, of the tree below $1: "file: header".
violations() {
	(cd "$1" && grep -roE '^[[:space:]]*#[[:space:]]*include[[:space:]]*["<][^">]*[">]' lib cli examples \
		--include='*.[ch]') | tr -d '[:blank:]' | awk -F: -v layers="$layers" '
		BEGIN { count = split(layers, names, " "); for (i = 1; i <= count; i++) rank[names[i]] = i }
		# The layer that a file of the library is in, 0 if none: that of the nearest folder which is one.
		function layer(path) {
			while (sub("/[^/]*$", "", path) && !(path in rank)) {}
			return rank[path] + 0
		}
		{
			quoted = $2 ~ /"/
			header = $2
			gsub(/#include|[<>"]/, "", header)
			file = $1
			in_lib = sub("^lib/", "", file)
			own = in_lib ? layer(file) : 0
			theirs = layer(header)
		}
		# In the library: only what has a layer, and none above the own one.
		in_lib && quoted && header != "sparsesum.h" && (!theirs || !own || theirs > own) { bad() }
		# Above it: the public header, and the own headers of the command line.
		!in_lib && quoted && header != "sparsesum.h" &&
			($1 !~ /^cli\// || header ~ /\//) { bad() }
		!in_lib && theirs { bad() }
		function bad() { print $1 ": " header }
	' | sort -u
}

copy_tree() {
	cp -r "$BATS_TEST_DIRNAME/../lib" "$BATS_TEST_DIRNAME/../cli" "$BATS_TEST_DIRNAME/../examples" \
		"$BATS_TEST_TMPDIR/"
}

@test "each folder of the library is a layer" {
	[ "$(cd "$BATS_TEST_DIRNAME/../lib" && ls -d */ package/*/ | sed 's,/$,,' | sort)" = "$(xargs -n 1 <<<"$layers" | sort)" ]
}

@test "nothing includes from a layer above its own" {
	[ "$(cd "$BATS_TEST_DIRNAME/.." && grep -rl '#include "' lib | wc -l)" -gt 20 ]
	run violations "$BATS_TEST_DIRNAME/.."
	echo "$output"
	[ "$status" -eq 0 ] && [ -z "$output" ]
}

# A check that sees nothing proves nothing.
@test "violations are seen" {
	local file header
	while read -r file header; do
		copy_tree
		echo "#include $header" >>"$BATS_TEST_TMPDIR/$file"
		run violations "$BATS_TEST_TMPDIR"
		echo "$output"
		[ "$output" = "$file: $(tr -d '<">' <<<"$header")" ]
	done <<-'END'
		lib/base/error.c "file/reader.h"
		lib/file/reader.c "engine/pool.h"
		lib/engine/lane.c "formats/manifest.h"
		lib/kernels/kernel.h "digest/stream.h"
		lib/digest/stream.c "../file/reader.h"
		lib/formats/lines.c "package/walk/tree.h"
		lib/package/walk/tree.c "package/listing/listing.h"
		lib/package/explain/explain.c "package/verify/verification.h"
		lib/package/segments/segments.h "package/none.h"
		cli/main.c "base/common.h"
		cli/main.c <base/common.h>
		examples/hash_file.c "cli.h"
	END
}
