# Enters its run into a ledger, then puts out numbered lines, one every so many seconds.
echo "$TOCSIN_RUN" >> "$1"
line=1
while [ "$line" -le "$2" ]; do
  echo "line $line of $2"
  [ "$3" = 0 ] || sleep "$3"
  line=$((line + 1))
done
